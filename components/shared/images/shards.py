"""Shards, named by the checksum of their content, and the bytes of images in them.

Local shards are memory-mapped. Shards in object storage are copied to a cache (`shard_cache`), once
as long as there is room for all. A shard is named by the SHA-256 of its content, so that what is
cached is never stale; each is compared with its name when it is first opened, wherever it comes
from. Those of images hold nothing but encoded images; those of features are written and read by
`components.shared.artifacts.features`.
"""

import errno
import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from components.shared.images.places import Files, Place
from components.shared.images.shard_cache import (
    SUFFIX,
    alone,
    cache_folder,
    hold,
    mark_as_used,
    room_for,
)
from components.shared.storage import store

READERS = 8
"""Shards that are fetched, and compared with their names, at once."""
TRIES = 100
"""How often a shard is fetched whose copy is removed before it is opened."""
REMAKE = (
    "give the 'python pipeline.py run' command again, whose stages make it again (on a cluster: "
    "submit with caching off)"
)


def shard_name(digest: str) -> str:
    """File name of the shard whose content has this hexadecimal SHA-256."""
    return digest + SUFFIX


def is_whole(shard: Path) -> bool:
    """Whether a file is there and has the content that its name says."""
    try:
        status = shard.stat()
        return _has_its_content(shard, status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        return False


@cache
def _has_its_content(shard: Path, _size: int, _changed: int) -> bool:
    """Compare once a process: each network and each split reads the same shards."""
    with shard.open("rb") as stream:
        return shard.name.startswith(content_digest(stream) + ".")


def content_digest(stream: IO[bytes]) -> str:
    """Hexadecimal SHA-256 of what a stream gives, which a shard's name begins with."""
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def image_checksum(data: bytes) -> str:
    """What the index has of an image's packed bytes: 32 hexadecimal digits of their SHA-256."""
    return hashlib.sha256(data).hexdigest()[:32]


def is_kept(uri: str) -> bool:
    """Whether a shard is in the store; of one on this machine also whether its content is whole.

    One elsewhere is compared with its name when it is fetched, which would be too much here.
    """
    path = store.local_path(uri)
    return is_whole(path) if path else store.exists(uri)


def local_shard(uri: str, is_held: bool = False) -> Path:
    """A shard as a local file, compared with its name: itself, or its copy in the cache.

    Args:
        uri: Its address.
        is_held: Whether the copy stays as long as this process does; else it may be removed for
            others at any time.

    Raises:
        ValueError: The shard is not there, damaged, or larger than the cache, or its copy does not
            stay.
    """
    for _ in range(TRIES):
        if file := _whole(uri, is_held):
            return file
    raise ValueError(
        f"The copy of the shard {uri} is removed for others again and again: give the stage a "
        "larger scratch volume (scratch in --resources), or copies more room by "
        "DEVISE_CACHE_BYTES."
    )


def _whole(uri: str, is_held: bool) -> Path | None:
    """A shard as a local file; None: another one was given the room of its copy at once."""
    path = store.local_path(uri)
    file = path or _copy(uri, is_held)
    if is_whole(file):
        return file
    if not store.exists(uri):
        raise ValueError(f"The shard {uri} is missing: {REMAKE}.")
    if path is None and not file.exists():
        return None
    raise ValueError(
        f"The shard {uri} is damaged, its content is not the one that its name is the "
        f"checksum of: delete it and {REMAKE}."
    )


def _copy(uri: str, is_held: bool) -> Path:
    """The copy of a shard, fetched where there is none; nothing where the shard is not there."""
    file = cache_folder() / uri.rsplit("/", 1)[-1]
    with alone(file.parent, file.name):
        if is_whole(file):
            mark_as_used(file)
        elif (size := store.size(uri)) is not None:
            with room_for(file.parent, size):
                _download(uri, file)
        if is_held:
            hold(file)
    return file


def _download(uri: str, file: Path) -> None:
    try:
        store.download(uri, file)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise ValueError(
            f"The disk of {file.parent} is full: give the stage a larger scratch volume "
            "(scratch in --resources), or copies of shards less room by DEVISE_CACHE_BYTES."
        ) from error


class ImageStore:
    """The images of some rows of the index; rows are numbered from 0.

    Safe to read in threads, and in several processes that share a cache.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        """Hold where the bytes are; shards are opened when they are first read."""
        self.shards: list[str] = frame["shard"].tolist()
        self.offsets: list[int] = frame["offset"].tolist()
        self.lengths: list[int] = frame["length"].tolist()
        self._files = Files()
        self._local: dict[str, str] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Number of images."""
        return len(self.shards)

    def read(self, row: int) -> bytes:
        """Encoded image of one row.

        Raises:
            ValueError: Its shard is missing or damaged.
        """
        return self._files.read(self._place(row))

    def places(self, rows: Sequence[int] | np.ndarray) -> list[Place]:
        """Where the encoded images of some rows are on this machine.

        Raises:
            ValueError: A shard is missing or damaged.
        """
        unknown = {self.shards[row] for row in rows} - self._local.keys()
        if len(unknown) > 1:
            # Each is fetched or at least read once: that of a shuffled batch may be all of them.
            with ThreadPoolExecutor(READERS) as readers:
                self._local.update(zip(unknown, readers.map(_path, unknown), strict=True))
        return [self._place(row) for row in rows]

    def _place(self, row: int) -> Place:
        shard = self.shards[row]
        if shard not in self._local:
            with self._lock:
                if shard not in self._local:
                    self._local[shard] = _path(shard)
        copied = shard if store.is_remote(shard) else ""
        return Place(self._local[shard], self.offsets[row], self.lengths[row], copied)


def _path(shard: str) -> str:
    return str(local_shard(shard).absolute())
