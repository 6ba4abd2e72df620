import pytest

from components.prepare_images.items import Asked, Item
from components.prepare_images.layouts.compressed import compressed_tar


@pytest.mark.parametrize("name", ["train.tar.gz", "train.tgz", "val/n01440764.tar.zst"])
def test_a_compressed_tar_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"/images/{name} is compressed: decompress it"):
        compressed_tar(Item(name, f"/images/{name}"), Asked())


def test_a_plain_tar_and_a_member_of_one_are_left_to_other_layouts() -> None:
    assert compressed_tar(Item("train.tar", "/images/train.tar"), Asked()) is None
    assert compressed_tar(Item("a.tar.gz", "/images/t.tar", tar="t.tar"), Asked()) is None
