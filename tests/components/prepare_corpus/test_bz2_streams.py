import bz2
import random
from io import BytesIO

import pytest

from components.prepare_corpus import bz2_streams
from components.prepare_corpus.bz2_streams import open_bz2


@pytest.fixture(autouse=True, params=[1, 2], ids=["one CPU", "two CPUs"])
def cpus(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bz2_streams, "available_cpus", lambda: request.param)
    monkeypatch.setattr(bz2_streams, "BLOCK", 700)
    monkeypatch.setattr(bz2_streams, "MOST_PACKED", 1000)


def texts(*sizes: int) -> list[bytes]:
    draw = random.Random(0)
    return [bytes(draw.choices(b"abcdefgh ", k=size)) for size in sizes]


@pytest.mark.parametrize("sizes", [[40], [20_000], [0], [50, 0, 3, 9_000, 1, 30_000, 200]])
def test_streams_follow_each_other(sizes: list[int]) -> None:
    parts = texts(*sizes)
    packed = b"".join(map(bz2.compress, parts))
    assert open_bz2(BytesIO(packed)).read() == b"".join(parts)


def test_it_is_read_piece_by_piece() -> None:
    parts = texts(3_000, 5_000)
    with open_bz2(BytesIO(b"".join(map(bz2.compress, parts)))) as content:
        read = b"".join(iter(lambda: content.read(999), b""))
    assert read == b"".join(parts)


def test_a_short_stream_that_unpacks_to_much_comes_in_pieces() -> None:
    content = b"\0" * 5_000_000
    assert open_bz2(BytesIO(bz2.compress(content))).read() == content


def test_what_follows_the_last_stream_is_passed_over() -> None:
    packed = bz2.compress(b"text") + b"\0" * 5_000
    assert open_bz2(BytesIO(packed)).read() == b"text"


@pytest.mark.parametrize("before", [0, 3])
@pytest.mark.parametrize("size", [40, 30_000])
def test_a_stream_that_is_cut_off_is_an_error(before: int, size: int) -> None:
    packed = [bz2.compress(text) for text in texts(*[300] * before, size)]
    with pytest.raises(EOFError):
        open_bz2(BytesIO(b"".join(packed)[:-5])).read()
    if before:
        with pytest.raises((EOFError, OSError)):
            open_bz2(BytesIO(packed[0][:-5] + packed[1])).read()


def test_a_damaged_stream_is_an_error() -> None:
    packed = bytearray(bz2.compress(texts(5_000)[0]))
    packed[500] ^= 1
    with pytest.raises(OSError, match="Invalid data"):
        open_bz2(BytesIO(packed)).read()
