"""Room on this machine for copies of shards from object storage, of bounded size.

The copies lie in one folder (`DEVISE_CACHE`, else one in the temporary directory), which all
processes of a machine share. They and those that are being fetched are never larger together than
`DEVISE_CACHE_BYTES` says, else than half of the disk that they may have: those that were used
longest ago are removed for new ones, but none that a process holds. On Linux and macOS a file that
is removed can be read to its end by whoever has it open or mapped, so that no reader ever loses
what it reads.
"""

import fcntl
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from components.shared.execution.progress import say
from components.shared.storage.atomic import remove_half_files

FOLDER, MOST_BYTES = "DEVISE_CACHE", "DEVISE_CACHE_BYTES"
"""Environment variables; `pipeline/cluster/resources.py` sets the second by a task's scratch."""
SHARE_OF_DISK = 0.5
SUFFIX, RESERVED, LOCK = ".shard", ".reserved", ".lock"
COPIES = f"*{SUFFIX}", "*.safetensors"
"""Of images and of features."""
SECONDS_TO_WAIT = 0.05
SECONDS_BETWEEN_MARKS = 1.0

_marked: dict[Path, float] = {}
_holding: dict[Path, int] = {}


def cache_folder() -> Path:
    """Folder for copies of shards from object storage: `DEVISE_CACHE`, or a temporary one."""
    default = Path(tempfile.gettempdir()) / "devise-shards"
    return Path(os.environ.get(FOLDER) or default)


def most_bytes(folder: Path) -> int:
    """Bytes that all copies in the cache may have together.

    Raises:
        ValueError: `DEVISE_CACHE_BYTES` is no number.
    """
    told = os.environ.get(MOST_BYTES, "")
    if told and not told.isdecimal():
        raise ValueError(f"{MOST_BYTES} is {told!r}: give a whole number of bytes.")
    if told:
        return int(told)
    return int(SHARE_OF_DISK * (shutil.disk_usage(folder).free + _held(folder)))


def mark_as_used(copy: Path) -> None:
    """Note that a copy is read, for the choice of what is removed; once a second is enough."""
    now = time.time()
    if now - _marked.get(copy, 0.0) < SECONDS_BETWEEN_MARKS:
        return
    with suppress(FileNotFoundError):
        # Whatever the disk is mounted with; the time of the last change stays.
        os.utime(copy, ns=(time.time_ns(), copy.stat().st_mtime_ns))
        _marked[copy] = now


def hold(copy: Path) -> None:
    """Keep a copy from being removed as long as this process lives, as one that is mapped."""
    if copy not in _holding and copy.exists():
        _holding[copy] = os.open(copy, os.O_RDONLY)
        fcntl.flock(_holding[copy], fcntl.LOCK_SH)


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold what one thread of one process on the machine holds at a time, by its name."""
    folder.mkdir(parents=True, exist_ok=True)
    # A few names share a lock: one for each would stay for good.
    with _locked(folder / f"{LOCK}-{name[:2]}"):
        yield


@contextmanager
def room_for(folder: Path, size: int) -> Iterator[None]:
    """Remove what was used longest ago until so many bytes fit, and keep them while a copy is made.

    Args:
        folder: The cache, which is there.
        size: Of the copy.

    Raises:
        ValueError: It is larger than all copies may be together.
    """
    reserved = folder / f"{RESERVED}-{uuid.uuid4().hex}"
    while (descriptor := _reserve(folder, size, reserved)) is None:
        # All the room is for copies that others are making.
        time.sleep(SECONDS_TO_WAIT)
    try:
        yield
    finally:
        reserved.unlink()
        os.close(descriptor)


def _reserve(folder: Path, size: int, reserved: Path) -> int | None:
    """Keep room in the name of an open, locked file, which goes with the process; None: no room."""
    with alone(folder, "all"):
        remove_half_files(folder)
        if not _make_room(folder, size):
            return None
        descriptor = os.open(reserved, os.O_RDWR | os.O_CREAT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.truncate(descriptor, size)
    return descriptor


def _make_room(folder: Path, size: int) -> bool:
    most = most_bytes(folder)
    if size > most:
        raise ValueError(_too_small(folder, size, most))
    held = _held(folder)
    for copy, bytes_ in _copies(folder):
        if held + size <= most:
            break
        if _is_removed(copy):
            _say_that_it_is_full(folder, most)
            held -= bytes_
    if held + size > most and not _reserved(folder):
        raise ValueError(_too_small(folder, size, most))
    return held + size <= most


def _is_removed(copy: Path) -> bool:
    """Remove a copy, unless a process holds it."""
    try:
        with _locked(copy, fcntl.LOCK_EX | fcntl.LOCK_NB, create=0):
            copy.unlink()
    except BlockingIOError:
        return False
    except FileNotFoundError:
        pass
    return True


def _too_small(folder: Path, size: int, most: int) -> str:
    return (
        f"A shard of {size:,} bytes finds no room among the {most:,} that copies in {folder} may "
        "have together, beside those in use: give the stage a larger scratch volume (scratch in "
        f"--resources), or this machine more room by {MOST_BYTES}."
    )


@cache
def _say_that_it_is_full(folder: Path, most: int) -> None:
    say(
        f"images: the {most / 1e9:,.1f} GB for copies of shards in {folder} are full: those used "
        "longest ago are removed, and fetched again where they are read again"
    )


def _held(folder: Path) -> int:
    return sum(size for _, size in _copies(folder)) + _reserved(folder)


def _copies(folder: Path) -> list[tuple[Path, int]]:
    """All copies with their bytes, those used longest ago first."""
    found = []
    for copy in (copy for kind in COPIES for copy in folder.glob(kind)):
        with suppress(FileNotFoundError):
            status = copy.stat()
            found.append((status.st_atime_ns, copy, status.st_size))
    return [(copy, size) for _, copy, size in sorted(found)]


def _reserved(folder: Path) -> int:
    """Bytes kept for copies that are being made; what killed processes kept is given back."""
    total = 0
    for reserved in folder.glob(f"{RESERVED}-*"):
        with suppress(FileNotFoundError, BlockingIOError):
            size = reserved.stat().st_size
            total += size
            with _locked(reserved, fcntl.LOCK_EX | fcntl.LOCK_NB, create=0):
                reserved.unlink()
                total -= size
    return total


@contextmanager
def _locked(file: Path, mode: int = fcntl.LOCK_EX, create: int = os.O_CREAT) -> Iterator[None]:
    """Lock a file; the lock goes with the process, however that ends."""
    descriptor = os.open(file, os.O_RDWR | create)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)
