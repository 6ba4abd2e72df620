import pytest

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.tar_of_class_tars import tar_of_class_tars

TENCH, RELEASED = "n01440764", "ILSVRC2012_img_train.tar"


def member(name: str, inside: str = "", is_folder: bool = False) -> Item:
    return Item(name, f"/images/{RELEASED}", 512, 3, RELEASED, inside, is_folder)


def test_a_class_tar_in_a_tar_is_a_class() -> None:
    assert tar_of_class_tars(member(f"{TENCH}.tar", "", True), Asked()) == Found(wnid=TENCH)
    assert tar_of_class_tars(member("train", "", True), Asked()) is None


@pytest.mark.parametrize(("inside", "split"), [("", "train"), ("val/", "val")])
def test_the_folder_or_else_the_tar_around_it_names_the_split(inside: str, split: str) -> None:
    found = tar_of_class_tars(member("1.JPEG", f"{inside}{TENCH}.tar"), Asked())
    assert found == Found(split, TENCH, "1.JPEG", f"class tars /images/{RELEASED}")


def test_other_members_are_left_to_other_layouts() -> None:
    assert tar_of_class_tars(member(f"{TENCH}/1.JPEG"), Asked()) is None


def test_anything_but_its_images_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'n01443537/1\.JPEG': a class tar holds just its images"):
        tar_of_class_tars(member("n01443537/1.JPEG", f"{TENCH}.tar"), Asked())
