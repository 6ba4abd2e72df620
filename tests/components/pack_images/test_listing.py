from pathlib import Path

import pytest

from components.pack_images.listing import Source, is_image_name, split_named


def test_split_and_class_stand_in_the_path() -> None:
    source = Source("train/n1/a.jpg", "/images/train/n1/a.jpg")
    assert (source.split, source.wnid) == ("train", "n1")


def test_a_file_or_a_part_of_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    assert Source("train/n1/a", f"{tmp_path}/f").read() == b"0123456789"
    assert Source("train/n1/a", f"{tmp_path}/f", 2, 3).read() == b"234"
    with pytest.raises(ValueError, match="ends inside its member train/n1/a: fetch it again"):
        Source("train/n1/a", f"{tmp_path}/f", 8, 3).read()


def test_rows_are_read_as_they_lie_and_files_by_path() -> None:
    rows = [Source(f"train/n1/{2 - n}", "/t.parquet", row=n) for n in range(3)]
    files = [Source("train/n1/b", "/b"), Source("train/n1/a", "/c")]
    ordered = sorted([*reversed(rows), *files], key=lambda source: source.reading_order)
    assert ordered == [files[1], files[0], *rows]


def test_published_names_of_splits_are_translated() -> None:
    assert split_named("ILSVRC2012_img_train", ()) == "train"
    assert split_named("valid", ()) == "val"
    assert split_named("valid", ("valid",)) == "valid"
    assert split_named("mine", ()) == "mine"


@pytest.mark.parametrize("name", ["training", "Training", "Train", "TRAIN"])
def test_the_training_split_is_known_by_several_names(name: str) -> None:
    assert split_named(name, ("train", "val")) == "train"
    assert split_named(name, (name,)) == name


def test_images_are_known_by_name() -> None:
    assert is_image_name("a/B.JPEG")
    assert not is_image_name("a/list.txt")
