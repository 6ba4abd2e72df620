"""Where the bytes of an image are on this machine, and reading them.

Files are memory-mapped. Copies in the cache are opened for each image: one that is mapped would
take up its room when it is removed for others.
"""

import mmap
import os
import threading
from pathlib import Path
from typing import NamedTuple

from components.shared.images.shard_cache import mark_as_used


class Place(NamedTuple):
    """Where the bytes of an image are.

    Attributes:
        file: A local file's path.
        offset: Of the first byte.
        length: Number of bytes.
        shard: Address that the file is a copy of, which is fetched again where it was removed;
            empty: it is none.
    """

    file: str
    offset: int
    length: int
    shard: str = ""


class Files:
    """Files that stay open once they are read from. Safe in threads."""

    def __init__(self) -> None:
        """Open none yet."""
        self._maps: dict[str, mmap.mmap] = {}
        self._lock = threading.Lock()

    def read(self, place: Place) -> bytes:
        """The bytes of one image."""
        if place.shard:
            data = _read_copy(place)
        else:
            data = self._map(place.file)[place.offset : place.offset + place.length]
        assert len(data) == place.length, "the index is of another shard"
        return data

    def _map(self, file: str) -> mmap.mmap:
        if file not in self._maps:
            with self._lock:
                if file not in self._maps:
                    self._maps[file] = _open(Path(file))
        return self._maps[file]


def _read_copy(place: Place) -> bytes:
    while True:
        try:
            with open(place.file, "rb", buffering=0) as stream:
                mark_as_used(Path(place.file))
                return os.pread(stream.fileno(), place.length, place.offset)
        except FileNotFoundError:
            # Whoever reads what is there needs nothing of what fetches it.
            from components.shared.images.shards import local_shard

            local_shard(place.shard)


def _open(file: Path) -> mmap.mmap:
    with file.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
