import tarfile
import tracemalloc
from pathlib import Path

import pytest
from support.damage import damaged, is_read_or_refused
from support.tars import tar_of

from components.pack_images.tars import Member, class_of, stem, tar_members


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


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("first", [{}, {"a": b"a"}])
def test_a_header_of_gigabytes_is_refused_before_it_is_read(
    tmp_path: Path, kind: bytes, first: dict[str, bytes]
) -> None:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, 3 << 30
    members = tar_of(first).rstrip(b"\0") if first else b""
    members += bytes(-len(members) % tarfile.BLOCKSIZE)
    with (tmp_path / "train.tar").open("wb") as file:
        file.write(members + info.tobuf(tarfile.USTAR_FORMAT))
        file.truncate(4 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"tar is no readable .*header of 3,221,225,472 bytes"):
            list(tar_members(str(tmp_path / "train.tar")))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_whatever_bytes_are_changed_a_tar_is_read_or_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "train.tar"
    whole = tar_of({"n01440764/1.JPEG": b"one", "n01440764.tar": tar_of({"2.JPEG": b"two"})})
    for data in damaged(whole, 200):
        file.write_bytes(data)
        assert is_read_or_refused(lambda: list(tar_members(str(file))), str(file))
