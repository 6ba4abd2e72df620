import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.unlabelled import check_loose, unlabelled

LISTED = Asked(ground_truth_uri="/val.txt")


def member(name: str) -> Item:
    return Item(name, "/images/val.tar", 512, 3, "val.tar")


def test_an_image_in_a_splits_folder_has_its_class_from_the_list() -> None:
    found = unlabelled(Item("validation/1.JPEG", "/images/x"), LISTED)
    assert found == Found("val", file="1.JPEG", origin="unlabelled val")
    found = unlabelled(member("validation/1.JPEG"), LISTED)
    assert found == Found("val", file="1.JPEG", origin="unlabelled /images/val.tar")


@pytest.mark.parametrize("path", ["val/list.txt", "val/n1/1.JPEG"])
def test_other_files_are_left_to_other_layouts(path: str) -> None:
    assert unlabelled(Item(path, "/images/x"), LISTED) is None


def test_without_a_list_an_image_needs_a_class_folder() -> None:
    assert unlabelled(Item("val/1.JPEG", "/images/x"), Asked()) is None


@pytest.mark.parametrize("asked", [Asked(), LISTED])
def test_what_is_at_the_top_of_a_tar_depends_on_its_other_members(asked: Asked) -> None:
    expected = Found("val", file="1.JPEG", origin="unlabelled /images/val.tar", is_loose=True)
    assert unlabelled(member("1.JPEG"), asked) == expected


def test_an_image_at_the_top_needs_a_list() -> None:
    found = Found("val", file="1.JPEG", is_loose=True)
    check_loose(member("1.JPEG"), found, LISTED)
    with pytest.raises(ValueError, match=r"'1\.JPEG' in no class folder: .* images_ground"):
        check_loose(member("1.JPEG"), found, Asked())
