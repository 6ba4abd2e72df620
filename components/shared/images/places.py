"""Where the bytes of an image are on this machine, and reading them: files are memory-mapped."""

import mmap
import threading
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """Where the bytes of an image are.

    Attributes:
        file: A local file's path.
        offset: Of the first byte.
        length: Number of bytes.
    """

    file: str
    offset: int
    length: int


class Files:
    """Files that stay open once they are read from. Safe in threads."""

    def __init__(self) -> None:
        """Open none yet."""
        self._maps: dict[str, mmap.mmap] = {}
        self._lock = threading.Lock()

    def read(self, place: Place) -> bytes:
        """The bytes of one image."""
        data = self._map(place.file)[place.offset : place.offset + place.length]
        assert len(data) == place.length, "the index is of another shard"
        return data

    def _map(self, file: str) -> mmap.mmap:
        if file not in self._maps:
            with self._lock:
                if file not in self._maps:
                    self._maps[file] = _open(Path(file))
        return self._maps[file]


def _open(file: Path) -> mmap.mmap:
    with file.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
