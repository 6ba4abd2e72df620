"""Unpacks bz2 whose streams follow each other, as in Wikipedia's multistream dumps, with all CPUs.

Threads do it: the unpacking itself holds no lock of Python's. A file of one stream is unpacked by
one, as nothing in it says where one could begin. Neither a stream nor what it unpacks to has to fit
in memory.
"""

import bz2
import io
import re
from bz2 import BZ2Decompressor
from collections.abc import Iterator
from typing import IO, cast

from components.shared.execution.threads import in_order
from components.shared.machine import available_cpus

STREAM = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
"""How a stream begins; within one it stands once in 2 ** 80 bits."""
BEGINNING = 10
BLOCK = 1 << 20
MOST_PACKED = 1 << 23
"""Bytes of a stream that are unpacked ahead; what follows waits for its turn."""
TIMES_LARGER = 20
"""What unpacks to more of its size is no text, and is unpacked piece by piece in its turn."""

Piece = tuple[bytes, bool]
"""Packed bytes, and whether a stream begins with them; else they go on with the one before."""


def open_bz2(packed: IO[bytes]) -> IO[bytes]:
    """Open a packed file for reading, unpacked ahead where there are several CPUs."""
    threads = available_cpus()
    if threads == 1:
        return cast(IO[bytes], bz2.open(packed))
    return cast(IO[bytes], _Chunks(_unpacked(packed, threads)))


class _Chunks(io.RawIOBase):
    """A file of chunks of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(room), len(self._rest))
        room[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _unpacked(packed: IO[bytes], threads: int) -> Iterator[bytes]:
    """What it unpacks to, in order."""
    open_stream: BZ2Decompressor | None = None
    for begun, content in in_order(_begin, _pieces(packed), threads, threads):
        if begun:
            _check_end(open_stream)
            open_stream = begun
            yield content
        elif open_stream and not open_stream.eof:
            yield open_stream.decompress(content, BLOCK)
        while open_stream and not (open_stream.eof or open_stream.needs_input):
            yield open_stream.decompress(b"", BLOCK)
    _check_end(open_stream)


def _check_end(stream: BZ2Decompressor | None) -> None:
    if stream and not stream.eof:
        raise EOFError("Compressed file ended before the end-of-stream marker was reached")


def _begin(piece: Piece) -> tuple[BZ2Decompressor | None, bytes]:
    content, begins = piece
    if not begins:
        return None, content
    stream = BZ2Decompressor()
    return stream, stream.decompress(content, TIMES_LARGER * len(content))


def _pieces(packed: IO[bytes]) -> Iterator[Piece]:
    """The streams of a file; one that is long in several pieces."""
    kept, begins = b"", True
    while block := packed.read(BLOCK):
        kept += block
        starts = [found.start() for found in STREAM.finditer(kept)]
        for start, end in zip([0, *starts], starts, strict=False):
            if start < end:
                yield kept[start:end], begins
            begins = True
        kept = kept[starts[-1] :] if starts else kept
        if len(kept) > MOST_PACKED:
            # The end may be the first half of a beginning.
            yield kept[: -BEGINNING + 1], begins
            kept, begins = kept[-BEGINNING + 1 :], False
    if kept:
        yield kept, begins
