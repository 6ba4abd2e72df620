import pytest

from components.pack_images.items import Asked, Item, check_parts

FILE = Item("train/n1/a.jpg", "/images/train/n1/a.jpg")
MEMBER = Item("n1/a.jpg", "/images/train.tar", 512, 3, "train.tar")


def test_a_file_and_a_member_are_told_by_where_they_are() -> None:
    assert FILE.told == "There is the image 'train/n1/a.jpg'"
    assert FILE.place == "/images/train/n1/a.jpg"
    assert MEMBER.told == "/images/train.tar has the member 'n1/a.jpg'"
    assert MEMBER.place == "/images/train.tar (n1/a.jpg)"
    assert MEMBER.parts == ["n1", "a.jpg"]


def test_published_names_of_splits_are_translated_but_for_those_that_are_asked_for() -> None:
    assert Asked().split("validation") == "val"
    assert Asked({"validation"}).split("validation") == "validation"


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_name_that_leads_elsewhere_is_refused(part: str) -> None:
    check_parts(FILE, "n1", "a.jpg")
    with pytest.raises(ValueError, match=r"'train/n1/a\.jpg': images must lie as <split>/<wnid>"):
        check_parts(FILE, "n1", part)
