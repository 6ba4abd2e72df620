"""In which format a file of word vectors is, and how long its vectors are, told by its beginning.

Read before a run, where only the beginning is wanted, and by train_skipgram, which reads the rest.
"""

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from components.shared.storage import store

WORD2VEC_BINARY = "word2vec binary"
WORD2VEC_TEXT = "word2vec text"
GLOVE = "GloVe text"
FASTTEXT_BINARY = "fastText binary"

GZIP = b"\x1f\x8b"
FASTTEXT_MAGIC, FASTTEXT_DIM = struct.pack("<i", 793712314), slice(8, 12)
HEAD_BYTES = 1 << 17
"""From which the format is told: more than one line of text at any usual dimension."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANKS = (b" ", b"\t")
"""With one of these begins a line whose entry has no name."""
MOST_DIGITS = 18
TEXT_NUMBER = frozenset(b"0123456789+-.eE")


@dataclass(frozen=True)
class VectorFormat:
    """What the beginning of a file of vectors tells.

    Attributes:
        name: Of the format, for people.
        dim: Length of the vectors.
        terms: How many there are; None: the file does not say.
    """

    name: str
    dim: int
    terms: int | None = None


def vector_format(uri: str) -> VectorFormat:
    """Tell the format of a file, of which only the beginning is read.

    Raises:
        ValueError: It is not there, cannot be unpacked, or is in no format that is known.
    """
    with store.open_read(uri) as stream, unpacked_errors(uri):
        return recognised(_beginning(stream), uri)


def _beginning(stream: IO[bytes]) -> bytes:
    first = stream.read(HEAD_BYTES)
    if not first.startswith(GZIP):
        return first
    # What follows is not needed, so that a cut end is not noticed here.
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(first, HEAD_BYTES)


@contextmanager
def unpacked_errors(uri: str) -> Iterator[None]:
    """Name the file in what is raised where it cannot be unpacked.

    Raises:
        ValueError: In place of what gzip raises.
    """
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{uri} cannot be unpacked ({error}): copy it again.") from error


def check_dim(uri: str, found: VectorFormat, dim: int) -> None:
    """Check that vectors are as long as the run's.

    Args:
        uri: Their file.
        found: What it is.
        dim: skipgram_dim.

    Raises:
        ValueError: They are not.
    """
    if found.dim != dim:
        raise ValueError(
            f"{uri} has vectors of {found.dim} numbers and skipgram_dim is {dim}: set "
            f"skipgram_dim={found.dim}."
        )


def recognised(head: bytes, uri: str) -> VectorFormat:
    """Tell the format of a file from its beginning, unpacked.

    Raises:
        ValueError: It is in no format that is known, or its first line is not true.
    """
    head = head.removeprefix(BYTE_ORDER_MARK)
    if head.startswith(FASTTEXT_MAGIC):
        if len(head) < FASTTEXT_DIM.stop:
            raise ValueError(f"{uri} ends early: copy it again.")
        return VectorFormat(FASTTEXT_BINARY, int.from_bytes(head[FASTTEXT_DIM], "little"))
    first, _, rest = head.partition(b"\n")
    sizes = first.split()
    if len(sizes) == 2 and all(size.isdigit() and len(size) <= MOST_DIGITS for size in sizes):
        return _word2vec(int(sizes[0]), int(sizes[1]), rest.partition(b"\n")[0], uri)
    dim = len(sizes) - (0 if first.startswith(BLANKS) else 1)
    if dim < 2 or numbers_of(first, dim) is None:
        raise ValueError(
            f"{uri} is in no format of word vectors that is known: give word2vec (binary or text), "
            "GloVe text, or fastText (.vec or .bin)."
        )
    return VectorFormat(GLOVE, dim)


def _word2vec(terms: int, dim: int, line: bytes, uri: str) -> VectorFormat:
    if numbers_of(line, dim) is not None:
        return VectorFormat(WORD2VEC_TEXT, dim, terms)
    numbers = line.split()[1:]
    if len(numbers) > 1 and all(TEXT_NUMBER.issuperset(number) for number in numbers):
        raise ValueError(
            f"{uri}: its first line says {dim} numbers a vector and line 2 has {len(numbers)}: "
            "mend the first line, or copy the file again."
        )
    return VectorFormat(WORD2VEC_BINARY, dim, terms)


def numbers_of(line: bytes, dim: int) -> tuple[bytes, list[float]] | None:
    """The name of an entry of a text, which may be empty, and its vector.

    Args:
        line: Of the text; a name may have spaces, as some of GloVe's have.
        dim: Length of the vector.

    Returns:
        None where the line does not end in so many numbers.
    """
    fields = line.rsplit(None, dim) or [b""]
    name, numbers = (b"", fields) if len(fields) == dim else (fields[0], fields[1:])
    if len(numbers) != dim or (not name and not line.startswith(BLANKS)):
        return None
    try:
        return name, [float(number) for number in numbers]
    except ValueError:
        return None
