import io
from pathlib import Path

import pytest

from components.pack_images.sections import KEPT, Section

DATA = bytes(range(256)) * 40


class Stream(io.RawIOBase):
    """Bytes that come once, a few at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1) -> bytes:
        some, self.data = self.data[: min(size, 1000)], self.data[min(size, 1000) :]
        return some


def section(start: int, end: int, can_seek: bool) -> Section:
    stream = io.BytesIO(DATA)
    stream.seek(start)
    streamed = Stream(DATA[start:])
    return Section(stream if can_seek else streamed, start, end, can_seek)  # type: ignore[arg-type]


@pytest.mark.parametrize("can_seek", [True, False])
def test_bytes_are_read_at_their_places_in_the_file(can_seek: bool) -> None:
    part = section(100, 9000, can_seek)
    assert part.tell() == 100
    assert part.read(10) == DATA[100:110]
    part.seek(5000)
    assert part.read(100) == DATA[5000:5100]
    part.seek(5099)
    assert part.read(3) == DATA[5099:5102]
    part.seek(5102 - 512)
    assert part.read(512) == DATA[5102 - 512 : 5102]


@pytest.mark.parametrize("can_seek", [True, False])
def test_nothing_is_read_behind_the_end(can_seek: bool) -> None:
    part = section(0, 300, can_seek)
    part.seek(299)
    assert part.read(10) == DATA[299:300]
    assert part.read(10) == b""
    part.seek(400)
    assert part.read(10) == b""


def test_a_stream_that_ends_gives_less(tmp_path: Path) -> None:
    part = section(0, -1, can_seek=False)
    part.seek(len(DATA) + 5)
    assert part.read(1) == b""


def test_a_stream_goes_back_no_further_than_what_is_kept() -> None:
    part = section(0, -1, can_seek=False)
    part.seek(8000)
    part.read(1)
    part.seek(8001 - KEPT - 1)
    with pytest.raises(AssertionError, match="cannot go back so far"):
        part.read(1)
