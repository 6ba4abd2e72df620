import io
import tarfile
from pathlib import Path

import pytest
from support.images import contents_of, find_images
from support.tars import tar_of

from components.shared.storage import store

TENCH, GOLDFISH, ARTIFACT = "n01440764", "n01443537", "n00004475"
KNOWN = ("train", "val", "fall11")


def class_tar(wnid: str, *numbers: int) -> bytes:
    return tar_of({f"{wnid}_{n}.JPEG": f"{wnid} {n}".encode() for n in numbers})


def write(file: Path, content: bytes | str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def contents(uri: Path | str, ground_truth: Path | str = "") -> dict[str, str]:
    found = contents_of(str(uri), KNOWN, str(ground_truth))
    return {path: data.decode() for path, data in found.items()}


TRAIN = {
    f"train/{TENCH}/{TENCH}_1.JPEG": f"{TENCH} 1",
    f"train/{TENCH}/{TENCH}_7.JPEG": f"{TENCH} 7",
    f"train/{GOLDFISH}/{GOLDFISH}_2.JPEG": f"{GOLDFISH} 2",
}
TAR_OF_TARS = {
    f"{TENCH}.tar": class_tar(TENCH, 7, 1),
    f"{GOLDFISH}.tar": class_tar(GOLDFISH, 2),
}
VALIDATION = {f"ILSVRC2012_val_0000000{n}.JPEG": str(n).encode() for n in (2, 1, 3)}


def test_class_tars_in_a_splits_folder_hold_its_images(tmp_path: Path) -> None:
    for name, data in TAR_OF_TARS.items():
        write(tmp_path / "train" / name, data)
    assert contents(tmp_path) == TRAIN


@pytest.mark.parametrize("prefix", ["", "./", "train/"])
def test_the_training_tar_of_ilsvrc_is_a_tar_of_class_tars(tmp_path: Path, prefix: str) -> None:
    members = {f"{prefix}{name}": data for name, data in TAR_OF_TARS.items()}
    write(tmp_path / "ILSVRC2012_img_train.tar", tar_of(members))
    assert contents(tmp_path) == TRAIN


def test_class_tars_without_a_split_are_the_split_fall11(tmp_path: Path) -> None:
    write(tmp_path / f"{ARTIFACT}.tar", class_tar(ARTIFACT, 5))
    expected = {f"fall11/{ARTIFACT}/{ARTIFACT}_5.JPEG": f"{ARTIFACT} 5"}
    assert contents(tmp_path) == expected
    assert contents(tmp_path / f"{ARTIFACT}.tar") == expected


def test_a_tar_that_is_named_as_a_split_may_begin_with_the_class_folders(tmp_path: Path) -> None:
    write(tmp_path / "val.tar", tar_of({f"{TENCH}/a.JPEG": b"a"}))
    assert contents(tmp_path) == {f"val/{TENCH}/a.JPEG": "a"}


def test_both_releases_in_one_folder_give_their_splits(tmp_path: Path) -> None:
    write(tmp_path / "ILSVRC2012_img_train.tar", tar_of(TAR_OF_TARS))
    write(tmp_path / "ILSVRC2012_img_val.tar", tar_of(VALIDATION))
    write(tmp_path / "ILSVRC2012_devkit_t12.tar.gz", b"")
    write(tmp_path / "ILSVRC2012_devkit_t12/data/readme.txt", b"")
    write(tmp_path / f"fall11/{ARTIFACT}.tar", class_tar(ARTIFACT, 5))
    list_file = write(tmp_path / "val.txt", f"{TENCH}\n{GOLDFISH}\n{TENCH}\n")
    assert contents(tmp_path, list_file) == TRAIN | {
        f"val/{TENCH}/ILSVRC2012_val_00000001.JPEG": "1",
        f"val/{GOLDFISH}/ILSVRC2012_val_00000002.JPEG": "2",
        f"val/{TENCH}/ILSVRC2012_val_00000003.JPEG": "3",
        f"fall11/{ARTIFACT}/{ARTIFACT}_5.JPEG": f"{ARTIFACT} 5",
    }
    assert find_images(str(tmp_path), KNOWN, str(list_file)).wnids == {TENCH, GOLDFISH, ARTIFACT}


def test_validation_images_may_be_unpacked_into_one_folder(tmp_path: Path) -> None:
    for name, data in VALIDATION.items():
        write(tmp_path / "images/ILSVRC2012_img_val" / name, data)
    list_file = write(tmp_path / "val.txt", f"{TENCH}\n" * 3)
    assert list(contents(tmp_path / "images", list_file)) == [
        f"val/{TENCH}/{name}" for name in sorted(VALIDATION)
    ]


def test_object_storage_holds_the_same_tars(tmp_path: Path, s3: str) -> None:
    train = write(tmp_path / "ILSVRC2012_img_train.tar", tar_of(TAR_OF_TARS))
    validation = write(tmp_path / "ILSVRC2012_img_val.tar", tar_of(VALIDATION))
    list_file = write(tmp_path / "val.txt", f"{TENCH}\n" * 3)
    for file in (train, validation, list_file):
        store.upload(file, f"{s3}/{file.name}")
    assert contents(s3, f"{s3}/val.txt") == contents(tmp_path, list_file)


def test_an_empty_class_tar_is_a_class(tmp_path: Path) -> None:
    write(tmp_path / f"train/{TENCH}.tar", tar_of({}))
    write(tmp_path / "val.tar", tar_of({f"{GOLDFISH}.tar": tar_of({})}))
    assert find_images(str(tmp_path)).wnids == {TENCH, GOLDFISH}


def test_files_at_the_top_of_a_tar_with_class_folders_are_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "train.tar", tar_of({"a.jpg": b"", "README": b"", "train/n1/a.jpg": b"a"}))
    assert contents(tmp_path) == {"train/n1/a.jpg": "a"}
    assert sorted(find_images(str(tmp_path)).ignored) == ["README", "a.jpg"]


def test_validation_images_without_a_list_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "ILSVRC2012_img_val.tar", tar_of(VALIDATION))
    with pytest.raises(ValueError, match=r"member 'ILSVRC2012_val_0.*images_ground_truth_uri"):
        contents(tmp_path)


def test_a_list_is_of_one_split(tmp_path: Path) -> None:
    write(tmp_path / "ILSVRC2012_img_val.tar", tar_of(VALIDATION))
    write(tmp_path / "ILSVRC2012_img_test.tar", tar_of({"ILSVRC2012_test_1.JPEG": b""}))
    list_file = write(tmp_path / "val.txt", f"{TENCH}\n" * 3)
    with pytest.raises(ValueError, match=r"test\.tar .* have images in no class folder, but"):
        contents(tmp_path, list_file)


def test_a_list_that_nothing_needs_is_refused(tmp_path: Path) -> None:
    write(tmp_path / f"train/{TENCH}.tar", class_tar(TENCH, 1))
    with pytest.raises(ValueError, match="ground_truth_uri is given, but every image has a class"):
        contents(tmp_path, write(tmp_path / "val.txt", f"{TENCH}\n"))


@pytest.mark.parametrize(
    "other", [f"train/{TENCH}/other.JPEG", f"ILSVRC2012_img_train/{TENCH}/other.JPEG"]
)
def test_two_sources_of_one_split_are_refused(tmp_path: Path, other: str) -> None:
    write(tmp_path / "ILSVRC2012_img_train.tar", tar_of(TAR_OF_TARS))
    write(tmp_path / other, b"")
    with pytest.raises(ValueError, match=r"split 'train' comes from two sources, .*: keep one"):
        contents(tmp_path)


@pytest.mark.parametrize("name", ["/a.JPEG", "../a.JPEG", f"{TENCH}/../a.JPEG", f"{GOLDFISH}/a"])
def test_members_of_a_class_tar_are_just_its_images(tmp_path: Path, name: str) -> None:
    write(tmp_path / "train.tar", tar_of({f"{TENCH}.tar": tar_of({name: b"x"})}))
    with pytest.raises(ValueError, match=r"train\.tar has the member '.*': (a class tar|images)"):
        contents(tmp_path)


def test_links_inside_a_nested_tar_are_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        info = tarfile.TarInfo("a.JPEG")
        info.type, info.linkname = tarfile.LNKTYPE, "/etc/passwd"
        tar.addfile(info)
    write(tmp_path / "train.tar", tar_of({f"{TENCH}.tar": stream.getvalue()}))
    with pytest.raises(ValueError, match="which is no plain file: remove it"):
        contents(tmp_path)


@pytest.mark.parametrize("size", [0, 300, 512, 600, 1024, 1536])
def test_a_truncated_nested_tar_is_named(tmp_path: Path, size: int) -> None:
    broken = class_tar(TENCH, 1, 2)[:size]
    write(tmp_path / "train.tar", tar_of({f"{TENCH}.tar": broken}))
    with pytest.raises(ValueError, match=rf"no readable tar \(its member '{TENCH}\.tar'"):
        contents(tmp_path)
