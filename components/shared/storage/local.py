"""Files on a disk of this machine."""

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from components.shared.storage.atomic import written_aside
from components.shared.storage.backend import FileState

READS_PER_CORE = 1


def shown(uri: str) -> str:
    """The address as it is: a path has no secrets."""
    return uri


def local_path(uri: str) -> Path | None:
    """The file itself, there or not."""
    return Path(uri)


def exists(uri: str) -> bool:
    """Whether a file or a folder is there."""
    return Path(uri).exists()


def states(uri: str) -> Iterator[FileState]:
    """The files that a file, a folder or a pattern stands for, with sizes and times.

    Raises:
        ValueError: A folder cannot be entered.
    """
    # What is there by that name is no pattern, whatever characters it has.
    for place in [uri] if os.path.exists(uri) else glob.glob(uri, recursive=True):
        if os.path.isdir(place):
            yield from _below(place.rstrip(os.sep) or os.sep)
        elif os.path.isfile(place):
            yield _state(place, os.stat(place))


def _below(folder: str) -> Iterator[FileState]:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _below(entry.path)
        elif entry.is_file():
            yield _state(entry.path, entry.stat())


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError as error:
        raise ValueError(
            f"The folder {folder!r} cannot be entered ({error.strerror}): let this user read it, "
            "or name another folder."
        ) from error


def _state(path: str, stat: os.stat_result) -> FileState:
    return FileState(path, stat.st_size, str(stat.st_mtime_ns))


def size(uri: str) -> int:
    """A file's bytes."""
    return os.stat(uri).st_size


@contextmanager
def open_read(uri: str) -> Iterator[IO[bytes]]:
    """The bytes of a file, which can be sought in.

    Raises:
        ValueError: It is not there.
    """
    if not Path(uri).is_file():
        raise ValueError(f"{uri!r} is no file: check the path.")
    with open(uri, "rb") as stream:
        yield stream


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on."""
    with open(uri, "rb") as stream:
        stream.seek(offset)
        return stream.read(length)


def upload(local: Path, uri: str) -> None:
    """Copy a file; the copy appears whole or not at all."""
    with writing(uri) as aside:
        shutil.copyfile(local, aside)


@contextmanager
def writing(uri: str) -> Iterator[Path]:
    """A path beside the file, whose file takes its name when the block ends well."""
    with written_aside(Path(uri)) as aside:
        yield aside


def delete(uri: str) -> None:
    """Remove a file, if it is there."""
    Path(uri).unlink(missing_ok=True)
