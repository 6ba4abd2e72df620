import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.split_tars import split_tar

TENCH = "n01440764"


def member(name: str, is_folder: bool = False) -> Item:
    return Item(name, "/images/valid.tar", 512, 3, "valid.tar", "", is_folder)


def test_every_tar_is_looked_into() -> None:
    assert split_tar(Item("valid.tar", "/images/valid.tar"), Asked()) == Found(is_tar=True)
    assert split_tar(Item("train/n1/a.jpg", "/images/x"), Asked()) is None


def test_class_folders_are_of_the_split_that_the_tar_is_named_by() -> None:
    origin = "class folders of /images/valid.tar"
    assert split_tar(member(f"{TENCH}/a.jpg"), Asked()) == Found("val", TENCH, "a.jpg", origin)
    found = split_tar(member(f"{TENCH}/a.jpg"), Asked({"valid"}))
    assert found == Found("valid", TENCH, "a.jpg", origin)


@pytest.mark.parametrize("name", [TENCH, f"{TENCH}/", f"{TENCH}/images/"])
def test_an_empty_class_folder_is_a_class(name: str) -> None:
    assert split_tar(member(name, True), Asked()) == Found(wnid=TENCH)


@pytest.mark.parametrize("name", ["a.jpg", "train/n1/a.jpg", f"{TENCH}/x/a.jpg"])
def test_other_members_are_left_to_other_layouts(name: str) -> None:
    assert split_tar(member(name), Asked()) is None


def test_a_member_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has the member 'n01440764/\.\.': images must lie as"):
        split_tar(member(f"{TENCH}/.."), Asked())
