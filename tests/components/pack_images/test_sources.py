import io
import os
import tarfile
from pathlib import Path

import pytest
from support.images import contents_of, find_images

from components.pack_images.items import Asked, Item
from components.pack_images.sources import LAYOUTS, recognise
from components.shared.storage import store


def write(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(os.fsencode(path))
    return folder


def write_tar(file: Path, *names: str, folders: tuple[str, ...] = ()) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w") as tar:
        for name in folders:
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE
            tar.addfile(member)
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    return file


def contents(uri: str) -> dict[str, bytes]:
    return contents_of(uri)


def test_folders_and_tars_list_the_same_images(tmp_path: Path) -> None:
    train, val = ["train/n2/b.jpg", "train/n1/a.jpg"], ["val/n1/c.jpg"]
    folders = write(tmp_path / "folders", *train, *val)
    tars = write_tar(tmp_path / "tars" / "train.tar", *train).parent
    write_tar(tars / "val.tar", *val)
    expected = {path: path.encode() for path in sorted([*train, *val])}
    assert contents(str(folders)) == expected
    assert contents(f"{folders}/") == expected
    assert contents(str(tars)) == expected
    assert list(contents(str(tars / "train.tar"))) == sorted(train)


def test_members_of_a_tar_may_begin_with_a_dot_and_have_long_names(tmp_path: Path) -> None:
    name = f"train/n1/{'x' * 150}.jpg"
    write_tar(tmp_path / "train.tar", f"./{name}")
    assert list(contents(str(tmp_path))) == [name]


def test_files_beside_the_splits_and_hidden_files_are_told(tmp_path: Path) -> None:
    beside = ["README.md", "train/.hidden", "train/Thumbs.db", "train/n1/.DS_Store", "train/x.txt"]
    write(tmp_path, "train/n1/a.jpg", *beside)
    listing = find_images(str(tmp_path))
    assert [image.path for image in listing.images] == ["train/n1/a.jpg"]
    assert sorted(listing.ignored) == beside


def test_class_and_split_folders_may_be_links(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", "n1/a.jpg", "val/n1/b.jpg")
    write(tmp_path / "images", "train/n2/c.jpg")
    (tmp_path / "images/train/n1").symlink_to(tmp_path / "elsewhere/n1")
    (tmp_path / "images/val").symlink_to(tmp_path / "elsewhere/val")
    expected = ["train/n1/a.jpg", "train/n2/c.jpg", "val/n1/b.jpg"]
    assert [image.path for image in find_images(str(tmp_path / "images")).images] == expected


@pytest.mark.parametrize("path", [b"train/n1/caf\xe9.jpg", b"train/caf\xe9/a.jpg"])
def test_images_whose_names_are_no_utf_8_are_told(tmp_path: Path, path: bytes) -> None:
    write(tmp_path, "train/n1/a.jpg", os.fsdecode(path))
    listing = find_images(str(tmp_path))
    assert [image.path for image in listing.images] == ["train/n1/a.jpg"]
    assert [name.encode("ascii") for name in listing.nameless] == [
        path.replace(b"\xe9", b"\\udce9")
    ]
    assert listing.wnids == {"n1"}


@pytest.mark.parametrize("archive", ["train.zip", "Training.zip", "train.7z"])
def test_an_archive_in_the_place_of_a_split_is_refused_by_name(
    tmp_path: Path, archive: str
) -> None:
    write(tmp_path, "val/n1/a.jpg", archive)
    with pytest.raises(ValueError, match=f"has the archive '{archive}': unpack it into a folder"):
        find_images(str(tmp_path), ("train", "val"))


def test_an_archive_beside_what_was_unpacked_from_it_is_ignored(tmp_path: Path) -> None:
    write(tmp_path, "train/n1/a.jpg", "train.zip", "boxes.zip")
    listing = find_images(str(tmp_path), ("train",))
    assert sorted(listing.ignored) == ["boxes.zip", "train.zip"]


@pytest.mark.parametrize("name", ["all.zip", "images.rar"])
def test_an_archive_as_the_address_is_refused_as_what_it_is(tmp_path: Path, name: str) -> None:
    write(tmp_path, name)
    with pytest.raises(ValueError, match=rf"has the archive '{name}': unpack it"):
        find_images(str(tmp_path / name), ("train",))


def test_an_address_without_images_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt", "train/labels.csv")
    with pytest.raises(ValueError, match="has no image: images must lie as <split>/<wnid>/<file>"):
        find_images(str(tmp_path))


def test_an_empty_class_folder_is_a_class(tmp_path: Path) -> None:
    write(tmp_path / "a", "train/n1/a.jpg")
    (tmp_path / "a/train/n2").mkdir()
    assert find_images(str(tmp_path / "a")).wnids == {"n1", "n2"}
    write_tar(tmp_path / "b/x.tar", "train/n1/a.jpg", folders=("train", "train/n1", "./train/n3/"))
    assert find_images(str(tmp_path / "b")).wnids == {"n1", "n3"}


@pytest.mark.parametrize("path", ["train/a.jpg", "train/n1/images/a.jpg"])
def test_another_layout_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match=f"image '{path}': images must lie as <split>/<wnid>/<fi"):
        find_images(str(write(tmp_path, path)))


@pytest.mark.parametrize("name", ["../n1/a.jpg", "/train/n1/a.jpg", "train/../a.jpg", "train//a"])
def test_unsafe_members_are_refused(tmp_path: Path, name: str) -> None:
    write_tar(tmp_path / "train.tar", name)
    with pytest.raises(ValueError, match=r"train\.tar has the member '.*': images must lie as"):
        find_images(str(tmp_path))


def test_links_in_a_tar_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "train.tar", "w") as tar:
        member = tarfile.TarInfo("train/n1/a.jpg")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(member)
    with pytest.raises(ValueError, match="which is no plain file: remove it"):
        find_images(str(tmp_path))


def test_a_path_in_two_places_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "train/n1/a.jpg")
    write_tar(tmp_path / "train.tar", "train/n1/a.jpg")
    with pytest.raises(ValueError, match=r"train/n1/a\.jpg is in both .*train\.tar"):
        find_images(str(tmp_path))


@pytest.mark.parametrize("size", [100, 600, 1024, 1030, 1540])
def test_a_truncated_tar_is_refused(tmp_path: Path, size: int) -> None:
    file = write_tar(tmp_path / "train.tar", "train/n1/a.jpg", "train/n1/b.jpg")
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"train\.tar is no readable tar \(.*\): fetch it again"):
        find_images(str(tmp_path))


def test_a_tar_with_a_broken_header_in_its_middle_is_refused(tmp_path: Path) -> None:
    file = write_tar(tmp_path / "train.tar", *(f"train/n1/{n}.jpg" for n in range(4)))
    content = bytearray(file.read_bytes())
    content[2048:2560] = b"x" * 512
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"no readable tar \(it breaks off at byte 2,048\)"):
        find_images(str(tmp_path))


def test_what_is_no_tar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.tar is no readable tar"):
        find_images(str(write(tmp_path, "train.tar")))


def test_a_compressed_tar_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.tar\.gz is compressed: decompress it"):
        find_images(str(write(tmp_path, "train.tar.gz")))


def test_an_address_with_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'.*nowhere' names no file"):
        find_images(str(tmp_path / "nowhere"))


def test_tars_and_folders_in_object_storage_list_the_same(tmp_path: Path, s3: str) -> None:
    names = ["train/n1/a.jpg", "train/n2/b.jpg"]
    store.upload(write_tar(tmp_path / "train.tar", *names), f"{s3}/tars/train.tar")
    write(tmp_path, *names)
    for name in names:
        store.upload(tmp_path / name, f"{s3}/folders/{name}")
    expected = {name: name.encode() for name in names}
    assert contents(f"{s3}/tars") == expected
    assert contents(f"{s3}/folders/") == expected


def test_every_layout_leaves_to_the_next_what_it_does_not_know() -> None:
    other = Item("train/n1/a.jpg", "/images/train/n1/a.jpg")
    answers = [layout(other, Asked()) for layout in LAYOUTS]
    assert [answer is not None for answer in answers] == [*[False] * (len(LAYOUTS) - 1), True]
    assert recognise(other, Asked()) == answers[-1]


def test_a_folder_of_no_meaning_is_passed_over() -> None:
    assert recognise(Item("train", "/t.tar", tar="t.tar", is_folder=True), Asked()) is None
