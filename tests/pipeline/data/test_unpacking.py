import gzip
import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline.data.unpacking import gunzip, unpack_tiny_imagenet, untar_members, unzip_members

ROOT = "tiny-imagenet-200"
TINY = {
    f"{ROOT}/wnids.txt": b"n00000001\nn00000002\n",
    f"{ROOT}/words.txt": b"n00000001\tdog\n",
    f"{ROOT}/train/n00000001/n00000001_boxes.txt": b"n00000001_0.JPEG\t0\t0\t9\t9\n",
    f"{ROOT}/train/n00000001/images/n00000001_0.JPEG": b"one",
    f"{ROOT}/train/n00000002/images/n00000002_0.JPEG": b"two",
    f"{ROOT}/val/val_annotations.txt": b"val_0.JPEG\tn00000002\t0\t0\t9\t9\n",
    f"{ROOT}/val/images/val_0.JPEG": b"three",
    f"{ROOT}/test/images/test_0.JPEG": b"no label",
}


def zipped(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return folder / "archive.zip"


def files_of(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def test_tiny_imagenet_gets_the_layout_that_images_are_read_in(tmp_path: Path) -> None:
    counts = unpack_tiny_imagenet(zipped(tmp_path, TINY), tmp_path / "out")
    assert files_of(tmp_path / "out") == {
        "train/n00000001/n00000001_0.JPEG": b"one",
        "train/n00000002/n00000002_0.JPEG": b"two",
        "val/n00000002/val_0.JPEG": b"three",
        "wnids.txt": b"n00000001\nn00000002\n",
        "words.txt": b"n00000001\tdog\n",
    }
    assert counts == {"train": 2, "val": 1, "test_without_labels": 1}


@pytest.mark.parametrize(
    "name",
    ["../evil", f"{ROOT}/train/../../../evil", "/etc/evil", f"{ROOT}\\..\\evil"],
)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    archive = zipped(tmp_path, {**TINY, name: b"evil"})
    with pytest.raises(ValueError, match="leads out of it"):
        unpack_tiny_imagenet(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path, TINY)
    link = zipfile.ZipInfo(f"{ROOT}/train/n00000003/images/n00000003_0.JPEG")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(ValueError, match="is no plain file"):
        unpack_tiny_imagenet(archive, tmp_path / "out")


def test_a_validation_image_without_a_class_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {**TINY, f"{ROOT}/val/images/val_1.JPEG": b"four"})
    with pytest.raises(ValueError, match=r"has no class for val_1\.JPEG"):
        unpack_tiny_imagenet(archive, tmp_path / "out")


def test_a_broken_line_of_the_annotations_is_named(tmp_path: Path) -> None:
    broken = {**TINY, f"{ROOT}/val/val_annotations.txt": b"val_0.JPEG\t../..\n"}
    with pytest.raises(ValueError, match=r"val_annotations\.txt, line 1: no file and class"):
        unpack_tiny_imagenet(zipped(tmp_path, broken), tmp_path / "out")


def test_a_zip_that_lacks_a_member_or_is_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"archive\.zip: .*absent.*fetch it again"):
        unzip_members(zipped(tmp_path, {"a": b"x"}), {"absent": "absent"}, tmp_path)
    (tmp_path / "archive.zip").write_bytes(b"no zip")
    with pytest.raises(ValueError, match=r"archive\.zip is no zip file"):
        unzip_members(tmp_path / "archive.zip", {"a": "a"}, tmp_path)


def test_a_member_whose_bytes_are_damaged_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"vectors.txt": b"the 0.1 0.2"})
    archive.write_bytes(archive.read_bytes().replace(b"the 0.1", b"the 0.9"))
    with pytest.raises(ValueError, match=r"vectors\.txt cannot be unpacked"):
        unzip_members(archive, {"vectors.txt": "vectors.txt"}, tmp_path / "out")


def tarred(folder: Path, *, link: bool = False) -> Path:
    member = tarfile.TarInfo("WordNet-3.0/dict/data.noun")
    member.size = 0 if link else 4
    if link:
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(folder / "archive.tar.gz", "w:gz") as archive:
        archive.addfile(member, io.BytesIO(b"noun"))
    return folder / "archive.tar.gz"


def test_only_the_members_asked_for_are_taken_out_of_a_tar(tmp_path: Path) -> None:
    places = {"WordNet-3.0/dict/data.noun": "data.noun"}
    untar_members(tarred(tmp_path), places, tmp_path / "out")
    assert files_of(tmp_path / "out") == {"data.noun": b"noun"}


def test_a_link_in_a_tar_a_missing_member_and_a_broken_tar_are_refused(tmp_path: Path) -> None:
    places = {"WordNet-3.0/dict/data.noun": "data.noun"}
    with pytest.raises(ValueError, match=r"data\.noun is no plain file"):
        untar_members(tarred(tmp_path, link=True), places, tmp_path)
    with pytest.raises(ValueError, match="absent"):
        untar_members(tarred(tmp_path), {"absent": "absent"}, tmp_path)
    whole = tarred(tmp_path).read_bytes()
    (tmp_path / "archive.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is no such tar"):
        untar_members(tmp_path / "archive.tar.gz", places, tmp_path)


def test_a_gzip_file_is_unpacked_and_a_broken_one_refused(tmp_path: Path) -> None:
    whole = gzip.compress(b"vectors" * 1_000)
    (tmp_path / "v.gz").write_bytes(whole)
    gunzip(tmp_path / "v.gz", tmp_path / "v.bin")
    assert (tmp_path / "v.bin").read_bytes() == b"vectors" * 1_000
    (tmp_path / "v.gz").write_bytes(whole[:-9])
    with pytest.raises(ValueError, match=r"(no gzip file|cannot be unpacked)"):
        gunzip(tmp_path / "v.gz", tmp_path / "v.bin")
