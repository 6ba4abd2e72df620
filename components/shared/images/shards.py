"""Bytes of images out of the shards that pack_images packed.

Local shards are memory-mapped. Shards in object storage are copied to a cache (`shard_cache`), once
as long as there is room for all. A shard is named by the SHA-256 of its content, so that what is
cached is never stale; each is compared with its name when it is first opened, wherever it comes
from.
"""

import errno
import hashlib
import mmap
import os
import threading
from functools import cache
from pathlib import Path

import pandas as pd

from components.shared.images.shard_cache import (
    SUFFIX,
    alone,
    cache_folder,
    mark_as_used,
    room_for,
)
from components.shared.storage import store

REMAKE = (
    "give the 'python pipeline.py run' command again, whose pack_images stage packs it again "
    "(on a cluster: submit with caching off)"
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
        return shard_name(hashlib.file_digest(stream, "sha256").hexdigest()) == shard.name


def local_shard(uri: str) -> Path:
    """A shard as a local file, compared with its name: itself, or its copy in the cache.

    A copy may be removed for others at any time; who has it open can read it all the same.

    Raises:
        ValueError: The shard is not there, damaged, or larger than the cache.
    """
    path = store.local_path(uri)
    file = path or _copy(uri)
    if is_whole(file):
        return file
    if not store.exists(uri):
        raise ValueError(f"The image shard {uri} is missing: {REMAKE}.")
    if path is None and not file.exists():
        # Another shard was given its room at once.
        return local_shard(uri)
    raise ValueError(
        f"The image shard {uri} is damaged, its content is not the one that its name is the "
        f"checksum of: delete it and {REMAKE}."
    )


def _copy(uri: str) -> Path:
    """The copy of a shard, fetched where there is none; nothing where the shard is not there."""
    file = cache_folder() / uri.rsplit("/", 1)[-1]
    with alone(file.parent, file.name):
        if is_whole(file):
            mark_as_used(file)
        elif (size := store.size(uri)) is not None:
            with room_for(file.parent, size):
                _download(uri, file)
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
        self._maps: dict[str, mmap.mmap] = {}
        self._copies: dict[str, Path] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Number of images."""
        return len(self.shards)

    def read(self, row: int) -> bytes:
        """Encoded image of one row.

        Raises:
            ValueError: Its shard is missing or damaged.
        """
        shard, offset, length = self.shards[row], self.offsets[row], self.lengths[row]
        if store.is_remote(shard):
            data = self._read_copy(shard, offset, length)
        else:
            data = self._map(shard)[offset : offset + length]
        assert len(data) == length, "the index is of another shard"
        return data

    def _map(self, shard: str) -> mmap.mmap:
        if shard not in self._maps:
            with self._lock:
                if shard not in self._maps:
                    self._maps[shard] = _open(local_shard(shard))
        return self._maps[shard]

    def _read_copy(self, shard: str, offset: int, length: int) -> bytes:
        # Opened for each image: a copy that is mapped would take up its room when it is removed.
        while True:
            file = self._copies.get(shard)
            if file is None:
                self._copies[shard] = file = local_shard(shard)
            try:
                with file.open("rb", buffering=0) as stream:
                    mark_as_used(file)
                    return os.pread(stream.fileno(), length, offset)
            except FileNotFoundError:
                # Another shard was given its room.
                self._copies.pop(shard, None)


def _open(file: Path) -> mmap.mmap:
    with file.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
