from pathlib import Path

import pytest
from support.tars import tar_of

from components.prepare_images.tars import Member, class_of, stem, tar_members


def test_members_of_class_tars_are_ranges_of_the_outer_file(tmp_path: Path) -> None:
    inner = tar_of({"1.JPEG": b"one"})
    file = tmp_path / "train.tar"
    file.write_bytes(tar_of({"./README": b"r", "train/n01440764.tar": inner}))
    readme, class_tar, image = tar_members(str(file))
    assert readme == Member("README", "", 512, 1, False)
    assert class_tar == Member("train/n01440764.tar", "", 1536, len(inner), True)
    assert (image.name, image.inside) == ("1.JPEG", "train/n01440764.tar")
    assert file.read_bytes()[image.offset :][: image.size] == b"one"


def test_a_tar_that_breaks_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.tar").write_bytes(tar_of({"a": b"a", "b": b"b"})[:1030])
    with pytest.raises(ValueError, match=r"train\.tar is no readable tar \(.*\): fetch it again"):
        list(tar_members(str(tmp_path / "train.tar")))


def test_a_class_tar_is_named_by_its_class() -> None:
    assert class_of("train/n01440764.tar") == "n01440764"
    assert class_of("train/n01440764/a.tar") == ""
    assert stem("images/ILSVRC2012_img_train.tar") == "ILSVRC2012_img_train"
