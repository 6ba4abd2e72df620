from pathlib import Path

import pytest

from components.pack_images.listing import Source, is_image_name


def test_split_and_class_stand_in_the_path() -> None:
    source = Source("train/n1/a.jpg", "/images/train/n1/a.jpg")
    assert (source.split, source.wnid) == ("train", "n1")


def test_a_file_or_a_part_of_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    assert Source("train/n1/a", f"{tmp_path}/f").read() == b"0123456789"
    assert Source("train/n1/a", f"{tmp_path}/f", 2, 3).read() == b"234"
    with pytest.raises(ValueError, match="ends inside its member train/n1/a: fetch it again"):
        Source("train/n1/a", f"{tmp_path}/f", 8, 3).read()


def test_images_are_known_by_name() -> None:
    assert is_image_name("a/B.JPEG")
    assert not is_image_name("a/list.txt")
