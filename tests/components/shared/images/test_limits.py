import threading

import pytest

from components.shared.images.limits import BadImage, Room, check_bytes, check_size


def test_the_largest_photos_pass_and_what_is_larger_is_told_its_size() -> None:
    check_size(12_000, 10_000)
    with pytest.raises(BadImage, match=r"it has 65,500 x 65,500 pixels, more than 120 megapixels"):
        check_size(65_500, 65_500)


def test_an_encoded_image_has_at_most_four_hundred_million_bytes() -> None:
    check_bytes(400_000_000)
    with pytest.raises(BadImage, match="it has more than 400 million bytes"):
        check_bytes(400_000_001)


def test_who_asks_for_more_than_is_left_waits_until_it_is_given_back() -> None:
    room, entered = Room(10), threading.Event()

    def ask() -> None:
        with room.holding(6):
            entered.set()

    room.take(5)
    waiting = threading.Thread(target=ask)
    waiting.start()
    assert not entered.wait(0.05)
    room.give_back(5)
    waiting.join()
    assert entered.is_set()
    assert room.taken == 0


def test_what_is_larger_than_the_room_has_it_alone() -> None:
    room = Room(10)
    with room.holding(11):
        assert room.taken == 11
