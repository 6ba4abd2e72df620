from pathlib import Path

import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.class_folders import class_folder, local_class_folders


@pytest.mark.parametrize("tar", ["", "train.tar"])
def test_split_and_class_are_the_names_of_the_folders(tar: str) -> None:
    found = class_folder(Item("validation/n1/a.jpg", "/images/x", tar=tar), Asked())
    assert found == Found("val", "n1", "a.jpg", "folders validation")


@pytest.mark.parametrize("path", ["a.jpg", "train/a.jpg", "train/n1/images/a.jpg", "train/../a"])
def test_any_other_place_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=f"image '{path}': images must lie as <split>/<wnid>/<f"):
        class_folder(Item(path, "/images/x"), Asked())


def test_a_class_folder_of_a_tar_is_a_class() -> None:
    folder = Item("train/n1/", "/images/t.tar", tar="t.tar", is_folder=True)
    assert class_folder(folder, Asked()) == Found(wnid="n1")
    split = Item("train", "/images/t.tar", tar="t.tar", is_folder=True)
    assert class_folder(split, Asked()) is None


def test_empty_folders_on_a_disk_are_classes_but_for_those_of_other_kinds(tmp_path: Path) -> None:
    for name in ("train/n1", "train/.cache", "ILSVRC2012_devkit_t12/data", "default/train"):
        (tmp_path / name).mkdir(parents=True)
    files = [f"{tmp_path}/default/train/0.parquet"]
    assert local_class_folders(str(tmp_path), files, (".parquet",)) == {"n1"}
    assert local_class_folders("s3://bucket/images", [], ()) == set()
