import pytest

from components.pack_images.items import Asked, Item
from components.pack_images.layouts.compressed import archive, compressed_tar, is_archive


@pytest.mark.parametrize("name", ["train.tar.gz", "train.tgz", "val/n01440764.tar.zst"])
def test_a_compressed_tar_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"/images/{name} is compressed: decompress it"):
        compressed_tar(Item(name, f"/images/{name}"), Asked())


def test_a_plain_tar_and_a_member_of_one_are_left_to_other_layouts() -> None:
    assert compressed_tar(Item("train.tar", "/images/train.tar"), Asked()) is None
    assert compressed_tar(Item("a.tar.gz", "/images/t.tar", tar="t.tar"), Asked()) is None


def test_an_archive_in_the_place_of_a_class_folder_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"/images/train/n1\.zip is an archive: unpack it into"):
        archive(Item("train/n1.zip", "/images/train/n1.zip"), Asked())


@pytest.mark.parametrize("item", [Item("a.zip", "/a.zip"), Item("train/n1/a.jpg", "/a.jpg")])
def test_an_archive_beside_the_splits_is_left_to_what_knows_the_others(item: Item) -> None:
    assert archive(item, Asked()) is None


def test_archives_are_known_by_name() -> None:
    assert is_archive("a/train.ZIP")
    assert not is_archive("train.tar")
