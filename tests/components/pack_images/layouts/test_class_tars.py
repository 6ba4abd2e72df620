import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.class_tars import class_tar

TENCH = "n01440764"


def member(name: str, tar: str = f"train/{TENCH}.tar", inside: str = "") -> Item:
    return Item(name, f"/images/{tar}", 512, 3, tar, inside)


def test_a_class_tar_is_a_class_though_it_may_be_empty() -> None:
    found = class_tar(Item(f"train/{TENCH}.tar", "/images/x"), Asked())
    assert found == Found(wnid=TENCH, is_tar=True)
    assert class_tar(Item("train.tar", "/images/train.tar"), Asked()) is None


def test_its_folder_names_the_split() -> None:
    expected = Found("train", TENCH, "1.JPEG", "class tars train")
    assert class_tar(member("1.JPEG"), Asked()) == expected
    assert class_tar(member(f"{TENCH}/1.JPEG"), Asked()) == expected


def test_without_a_folder_the_split_is_fall11() -> None:
    found = class_tar(member("1.JPEG", f"{TENCH}.tar"), Asked())
    assert found == Found("fall11", TENCH, "1.JPEG", "class tars ")


def test_members_of_other_tars_are_left_to_other_layouts() -> None:
    assert class_tar(member("1.JPEG", "train.tar"), Asked()) is None
    assert class_tar(member("1.JPEG", inside=f"{TENCH}.tar"), Asked()) is None


@pytest.mark.parametrize("name", ["n01443537/1.JPEG", f"{TENCH}/a/1.JPEG", f"{TENCH}/..", ""])
def test_anything_but_its_images_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"has the member '.*': (a class tar holds|images must)"):
        class_tar(member(name), Asked())
