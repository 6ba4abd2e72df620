import pytest

from components.pack_images.items import IGNORED, Asked, Item
from components.pack_images.layouts.beside import (
    beside_the_classes,
    beside_the_splits,
    hidden_or_known,
    is_no_split,
)

ASKED = Asked(ground_truth_uri="/images/val.txt")


def test_hidden_files_and_members_are_ignored() -> None:
    assert hidden_or_known(Item("train/n1/.DS_Store", "/images/x"), ASKED) == IGNORED
    assert hidden_or_known(Item("__MACOSX/a.jpg", "/images/t.tar", tar="t.tar"), ASKED) == IGNORED
    assert hidden_or_known(Item(".x", "/images/t.tar", tar="t.tar"), ASKED) == IGNORED


def test_the_ground_truth_and_ilsvrcs_kit_are_ignored() -> None:
    assert hidden_or_known(Item("val.txt", "/images/val.txt"), ASKED) == IGNORED
    assert hidden_or_known(Item("ILSVRC2012_devkit_t12.tar.gz", "/images/x"), ASKED) == IGNORED
    assert is_no_split("ILSVRC2012_bbox_train_v2")
    assert not is_no_split("ILSVRC2012_img_train")


def test_images_and_folders_are_left_to_other_layouts() -> None:
    assert hidden_or_known(Item("train/n1/a.jpg", "/images/x"), ASKED) is None
    assert hidden_or_known(Item(".x", "/images/t.tar", tar="t.tar", is_folder=True), ASKED) is None


def test_a_file_in_no_folder_is_ignored_but_for_a_member_of_a_tar() -> None:
    assert beside_the_splits(Item("README", "/images/README"), ASKED) == IGNORED
    assert beside_the_splits(Item("train/README", "/images/x"), ASKED) is None
    assert beside_the_splits(Item("a.jpg", "/images/val.tar", tar="val.tar"), ASKED) is None


@pytest.mark.parametrize("tar", ["", "t.tar"])
def test_a_file_beside_class_folders_is_ignored_unless_it_is_called_like_an_image(tar: str) -> None:
    assert beside_the_classes(Item("val/val_annotations.txt", "/x", tar=tar), ASKED) == IGNORED
    for path in ("val/a.jpg", "val/n1/boxes.txt", "/a", "val"):
        assert beside_the_classes(Item(path, "/x", tar=tar), ASKED) is None
