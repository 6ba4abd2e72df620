"""Shards, named by the checksum of their content, and the bytes of images in them.

Local shards are memory-mapped. Shards in object storage are copied once to a local cache
(`DEVISE_CACHE`, else a folder in the temporary directory). A shard is named by the SHA-256 of its
content, so that what is cached is never stale; each is compared with its name when it is first
opened, wherever it comes from. Those of images hold nothing but encoded images; those of features
are written and read by `components.shared.artifacts.features`.
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
import pandas as pd

from components.shared.images.places import Files, Place
from components.shared.storage import store
from components.shared.storage.atomic import remove_half_files

SUFFIX = ".shard"
READERS = 8
"""Shards that are fetched, and compared with their names, at once."""
REMAKE = (
    "give the 'python pipeline.py run' command again, whose stages make it again (on a cluster: "
    "submit with caching off)"
)


def cache_folder() -> Path:
    """Folder for copies of shards from object storage: `DEVISE_CACHE`, or a temporary one."""
    default = Path(tempfile.gettempdir()) / "devise-shards"
    return Path(os.environ.get("DEVISE_CACHE") or default)


def shard_name(digest: str) -> str:
    """File name of the shard whose content has this hexadecimal SHA-256."""
    return digest + SUFFIX


def is_whole(shard: Path) -> bool:
    """Whether a file is there and has the content that its name says."""
    if not shard.is_file():
        return False
    status = shard.stat()
    return _has_its_content(shard, status.st_size, status.st_mtime_ns)


@cache
def _has_its_content(shard: Path, _size: int, _changed: int) -> bool:
    """Compare once a process: each network and each split reads the same shards."""
    with shard.open("rb") as stream:
        return shard.name.startswith(content_digest(stream) + ".")


def content_digest(stream: IO[bytes]) -> str:
    """Hexadecimal SHA-256 of what a stream gives, which a shard's name begins with."""
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def is_kept(uri: str) -> bool:
    """Whether a shard is in the store; of one on this machine also whether its content is whole.

    One elsewhere is compared with its name when it is fetched, which would be too much here.
    """
    path = store.local_path(uri)
    return is_whole(path) if path else store.exists(uri)


def local_shard(uri: str) -> Path:
    """A shard as a local file, compared with its name: itself, or its copy in the cache.

    Raises:
        ValueError: The shard is not there, or damaged.
    """
    path = store.local_path(uri)
    file = path or cache_folder() / uri.rsplit("/", 1)[-1]
    if is_whole(file):
        return file
    if not store.exists(uri):
        raise ValueError(f"The shard {uri} is missing: {REMAKE}.")
    if path is None:
        _download(uri, file)
    if path or not is_whole(file):
        raise ValueError(
            f"The shard {uri} is damaged, its content is not the one that its name is the "
            f"checksum of: delete it and {REMAKE}."
        )
    return file


def _download(uri: str, file: Path) -> None:
    if file.parent.is_dir():
        remove_half_files(file.parent)
    store.download(uri, file)


class ImageStore:
    """The images of some rows of the index; rows are numbered from 0. Safe to read in threads."""

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
        return Place(self._local[shard], self.offsets[row], self.lengths[row])


def _path(shard: str) -> str:
    return str(local_shard(shard).absolute())
