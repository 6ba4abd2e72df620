"""Takes out of an archive what is wanted, by name, and nothing else.

A name decides where a member goes, never the archive: names that lead elsewhere, and members that
are no plain files, are refused.
"""

import gzip
import re
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from components.shared.execution.progress import Progress
from components.shared.wnids import WNID, is_wnid

BLOCK = 1 << 20
_TRAIN = re.compile(rf"tiny-imagenet-200/train/({WNID})/images/([\w.-]+\.JPEG)")
_VAL = re.compile(r"tiny-imagenet-200/val/images/([\w.-]+\.JPEG)")
_ANNOTATIONS = "tiny-imagenet-200/val/val_annotations.txt"
_LISTS = ("tiny-imagenet-200/wnids.txt", "tiny-imagenet-200/words.txt")


def unpack_tiny_imagenet(archive: Path, folder: Path) -> dict[str, int]:
    """Write Tiny-ImageNet as prepare_images reads it: `{train,val}/<wnid>/<file>.JPEG`.

    Args:
        archive: Tiny-imagenet-200.zip.
        folder: Where to; wnids.txt and words.txt come beside the splits.

    Returns:
        The number of images of each split; `test_without_labels` counts those left out.

    Raises:
        ValueError: It is broken, a name leads elsewhere, a member is no plain file, or a
            validation image has no class.
    """
    with _zip(archive) as source:
        classes = _validation_classes(archive, source)
        places, left_out = _tiny_places(archive, source.namelist(), classes)
        progress = Progress(f"unpacking {archive.name}", len(places), "files")
        for done, (name, place) in enumerate(places.items(), start=1):
            with _member(archive, source, name) as stream:
                _write(stream, folder / place)
            progress.update(done)
        progress.finish()
    counts = Counter(place.partition("/")[0] for place in places.values() if "/" in place)
    return {**counts, "test_without_labels": left_out}


def unzip_members(archive: Path, places: Mapping[str, str], folder: Path) -> None:
    """Write the members named by `places` to the files that it gives them in the folder."""
    with _zip(archive) as source:
        for name, place in places.items():
            with _member(archive, source, name) as stream:
                _write(stream, folder / place)


def untar_members(archive: Path, places: Mapping[str, str], folder: Path) -> None:
    """Write the members of a tar, however compressed, named by `places` to the folder.

    Raises:
        ValueError: It is broken, or a member is missing or no plain file.
    """
    try:
        with tarfile.open(archive) as source:
            for name, place in places.items():
                stream = source.extractfile(name) if source.getmember(name).isfile() else None
                if stream is None:
                    raise ValueError(f"{archive}: {name} is no plain file: fetch it again.")
                with stream:
                    _write(stream, folder / place)
    except (tarfile.TarError, EOFError, zlib.error, KeyError) as error:
        raise ValueError(f"{archive} is no such tar ({error}): fetch it again.") from error


def gunzip(archive: Path, file: Path) -> None:
    """Unpack a gzip file, streaming.

    Raises:
        ValueError: It is broken.
    """
    try:
        with gzip.open(archive, "rb") as stream:
            _write(stream, file)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{archive} is no gzip file ({error}): fetch it again.") from error


def _zip(archive: Path) -> zipfile.ZipFile:
    try:
        source = zipfile.ZipFile(archive)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is no zip file ({error}): fetch it again.") from error
    for member in source.infolist():
        _check_member(archive, member)
    return source


def _check_member(archive: Path, member: zipfile.ZipInfo) -> None:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
        raise ValueError(f"{archive} has the member {member.filename!r}, which leads out of it.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError(f"{archive} has the member {member.filename!r}, which is no plain file.")


def _member(archive: Path, source: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return source.open(name)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{archive}: {error}: fetch it again.") from error


def _validation_classes(archive: Path, source: zipfile.ZipFile) -> dict[str, str]:
    """Read val_annotations.txt, lines of `file<TAB>wnid<TAB>box`: the class of each file."""
    classes: dict[str, str] = {}
    with _member(archive, source, _ANNOTATIONS) as stream:
        for number, line in enumerate(stream, start=1):
            fields = line.decode("utf-8").rstrip("\n").split("\t")
            if len(fields) < 2 or not is_wnid(fields[1]):
                raise ValueError(f"{archive}, {_ANNOTATIONS}, line {number}: no file and class.")
            classes[fields[0]] = fields[1]
    return classes


def _tiny_places(
    archive: Path, names: Iterable[str], classes: Mapping[str, str]
) -> tuple[dict[str, str], int]:
    """Return where each wanted member goes, and how many test images have no label to go by."""
    places: dict[str, str] = {}
    left_out = 0
    for name in names:
        if found := _TRAIN.fullmatch(name):
            places[name] = f"train/{found[1]}/{found[2]}"
        elif found := _VAL.fullmatch(name):
            if found[1] not in classes:
                raise ValueError(f"{archive}: {_ANNOTATIONS} has no class for {found[1]}.")
            places[name] = f"val/{classes[found[1]]}/{found[1]}"
        elif name in _LISTS:
            places[name] = name.rpartition("/")[2]
        left_out += name.startswith("tiny-imagenet-200/test/") and name.endswith(".JPEG")
    return places, left_out


def _write(stream: IO[bytes] | gzip.GzipFile, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("wb") as target:
            shutil.copyfileobj(stream, target, BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ValueError(
            f"{file} cannot be unpacked ({error}): fetch the archive again."
        ) from error
