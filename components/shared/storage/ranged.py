"""A remote file that can be sought in: only the bytes asked for are fetched."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import IO, Any, cast


def open_ranged(
    length: int, read_range: Callable[[int, int], bytes]
) -> AbstractContextManager[IO[bytes]]:
    """Open a remote file of so many bytes; `read_range` gives those from an offset on."""
    return cast(AbstractContextManager[IO[bytes]], RangedFile(length, read_range))


class RangedFile(io.RawIOBase):
    """Bytes of a file, a request for each read."""

    def __init__(self, length: int, read_range: Callable[[int, int], bytes]) -> None:
        """Start at byte 0; `read_range` gives the bytes from an offset on, so many of them."""
        self.length, self.read_range = length, read_range
        self.position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always: a place is only remembered."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Remember from where the next read begins."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.length}[whence]
        self.position = start + offset
        return self.position

    def tell(self) -> int:
        """The byte that the next read begins at."""
        return self.position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, less only at the end of the file."""
        target = memoryview(buffer).cast("B")
        wanted = min(len(target), self.length - self.position)
        data = self.read_range(self.position, wanted) if wanted > 0 else b""
        target[: len(data)] = data
        self.position += len(data)
        return len(data)
