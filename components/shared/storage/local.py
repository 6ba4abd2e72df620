"""Files on a disk of this machine."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from components.shared.storage.atomic import is_aside, remove_half_files, written_aside
from components.shared.storage.backend import FileState
from components.shared.storage.local_files import files_of, status
from components.shared.storage.names import named

READS_PER_CORE = 1


def shown(uri: str) -> str:
    """The path, which has no secrets, as it can be printed."""
    return named(uri)


def local_path(uri: str) -> Path | None:
    """The file itself, there or not."""
    return Path(uri)


def exists(uri: str) -> bool:
    """Whether a file or a folder is there.

    Raises:
        ValueError: A folder on the way cannot be entered.
    """
    return status(uri) is not None


def states(uri: str) -> Iterator[FileState]:
    """The files that a file, a folder or a pattern stands for, with sizes and times.

    Raises:
        ValueError: A folder cannot be entered, or a link leads nowhere.
    """
    return files_of(uri)


@contextmanager
def open_read(uri: str, offset: int = 0, length: int = 0) -> Iterator[IO[bytes]]:  # noqa: ARG001  # As every place has it.
    """The bytes of a file from one on, which can be sought in.

    Raises:
        ValueError: It is not there, or this user may not read it.
    """
    found = status(uri)
    if found is None or not stat.S_ISREG(found.st_mode):
        raise ValueError(f"{named(uri)!r} is no file: check the path.")
    try:
        stream = open(uri, "rb")  # noqa: SIM115  # What fails later is the reader's to word.
    except OSError as error:
        raise ValueError(
            f"{named(uri)!r} cannot be read ({error.strerror}): let this user read it, or take it "
            "away."
        ) from error
    with stream:
        stream.seek(offset)
        yield stream


def open_seekable(uri: str) -> AbstractContextManager[IO[bytes]]:
    """The bytes of a file, which can be sought in.

    Raises:
        ValueError: It is not there, or this user may not read it.
    """
    return open_read(uri)


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


def check_writable(uri: str) -> None:
    """Nothing: whose a folder is, and who may write there, is asked where it is made."""


def delete_below(uri: str) -> None:
    """Remove every file that lies below a folder itself, not behind a link in it.

    What is being written there stays, and what others remove meanwhile is no error.
    """
    remove_half_files(Path(uri))
    for place, folders, files in os.walk(uri):
        folders[:] = [name for name in folders if not is_aside(name)]
        for name in files:
            Path(place, name).unlink(missing_ok=True)
