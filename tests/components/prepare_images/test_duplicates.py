from components.prepare_images.duplicates import Duplicates
from components.prepare_images.listing import Source
from components.prepare_images.splits import Assigned


def image(path: str, split: str) -> Assigned:
    return Assigned(Source(path, path), split, seen=True)


def taken(leave_out: bool) -> tuple[Duplicates, list[bool]]:
    """Two training images of the same bytes, one of others, then held-out ones of either."""
    duplicates = Duplicates(leave_out)
    images = [
        ("train/n1/a", "train", b"1"),
        ("train/n2/b", "train", b"1"),
        ("train/n2/c", "train", b"2"),
        ("val/n1/d", "validation", b"2"),
        ("val/n1/e", "validation", b"3"),
        ("val/n1/f", "test", b"1"),
        ("val/n1/g", "test", b"3"),
    ]
    left_out = []
    for path, split, checksum in images:
        left_out.append(duplicates.leaves_out(image(path, split), checksum))
        duplicates.take_in(image(path, split), checksum)
    return duplicates, left_out


def test_held_out_images_with_the_bytes_of_a_training_image_are_found() -> None:
    duplicates, _ = taken(leave_out=False)
    assert duplicates.found == [
        {"path": "val/n1/d", "split": "validation", "train": "train/n2/c"},
        {"path": "val/n1/f", "split": "test", "train": "train/n1/a"},
    ]


def test_none_is_left_out_unless_it_is_asked_for() -> None:
    duplicates, left_out = taken(leave_out=False)
    assert not any(left_out)
    assert duplicates.left_out == 0


def test_only_test_images_are_left_out() -> None:
    duplicates, left_out = taken(leave_out=True)
    assert left_out == [False, False, False, False, False, True, False]
    assert duplicates.left_out == 1
    assert len(duplicates.found) == 2
