"""A piece of a file that is sought in, also where it can only be streamed."""

from typing import IO

KEPT = 1 << 11
"""Bytes behind the place that a stream has come to; tarfile looks back by a block of 512."""
SKIPPED_AT_ONCE = 1 << 20


class Section:
    """Bytes of a file from one to another, at their places in the file.

    A stream that cannot be sought in is read through: one may go on in it, and a little back.
    """

    def __init__(self, stream: IO[bytes], start: int, end: int, can_seek: bool) -> None:
        """Begin at a byte.

        Args:
            stream: The file, at byte `start`.
            start: The first byte.
            end: The byte behind the last one; -1: the file's end.
            can_seek: Whether the stream can go anywhere itself.
        """
        self._stream, self._end, self._can_seek = stream, end, can_seek
        self._place = self._reached = start
        self._kept = b""

    def seekable(self) -> bool:
        """Always, as far as it goes."""
        return True

    def tell(self) -> int:
        """The byte that the next read begins at."""
        return self._place

    def seek(self, place: int) -> int:
        """Remember from where the next read begins."""
        self._place = place
        return place

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        wanted = size if self._end < 0 else max(0, min(size, self._end - self._place))
        data = self._sought(wanted) if self._can_seek else self._streamed(wanted)
        self._place += len(data)
        return data

    def _sought(self, size: int) -> bytes:
        if self._place != self._reached:
            self._stream.seek(self._place)
        data = self._stream.read(size)
        self._reached = self._place + len(data)
        return data

    def _streamed(self, size: int) -> bytes:
        while self._reached < self._place and self._take(self._place - self._reached):
            pass
        back = self._reached - self._place
        assert back <= len(self._kept), "a stream cannot go back so far"
        before = self._kept[len(self._kept) - back :][:size] if back > 0 else b""
        if len(before) == size or back < 0:
            return before
        return before + self._take(size - len(before), size)

    def _take(self, size: int, most: int = SKIPPED_AT_ONCE) -> bytes:
        data = self._stream.read(min(size, most))
        self._reached += len(data)
        self._kept = (self._kept + data[-KEPT:])[-KEPT:]
        return data
