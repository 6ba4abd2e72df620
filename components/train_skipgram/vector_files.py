"""Reads word vectors that others have made, entry by entry, whatever the format.

The format is told by the content, not by the name; each may be gzipped:

- word2vec binary: a line `<terms> <dim>`, then name, space, float32 numbers;
- word2vec text and fastText .vec: the same line, then a line an entry;
- GloVe text: a line an entry, no line before them;
- fastText .bin: see `fasttext_binary`.

Nothing is ever unpickled.
"""

import gzip
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from components.shared.storage import store
from components.train_skipgram import fasttext_binary

WORD2VEC_BINARY = "word2vec binary"
WORD2VEC_TEXT = "word2vec text"
GLOVE = "GloVe text"
FASTTEXT_BINARY = "fastText binary"

_GZIP = b"\x1f\x8b"
_HEAD = 1 << 17
"""Bytes from which the format is told: more than one line of text at any usual dimension."""


@dataclass(frozen=True)
class Entry:
    """One entry of a file of vectors.

    Attributes:
        name: As the file writes it, UTF-8 in the usual case.
        count: Its occurrences in the text behind the file; None where the file does not say.
        vector: float32 [dim].
    """

    name: bytes
    count: int | None
    vector: np.ndarray


@dataclass(frozen=True)
class VectorFile:
    """A file of vectors that has been recognised.

    Attributes:
        format: Its name, for people.
        dim: Length of its vectors.
        entries: Its entries in file order, to be read once.
    """

    format: str
    dim: int
    entries: Iterator[Entry]


@contextmanager
def open_vectors(uri: str, scratch: Path) -> Iterator[VectorFile]:
    """Open a file of vectors.

    Args:
        uri: A path or an s3:// address.
        scratch: A folder for what must be downloaded or unpacked.

    Raises:
        ValueError: There is no such file, its format is not known, or, while the entries are
            read, it is broken: the sentence names the file and the line or entry.
    """
    path = _local(uri, scratch)
    try:
        with _opened(path) as stream:
            head = stream.read(_HEAD)
        if head.startswith(fasttext_binary.MAGIC):
            unpacked = _unpacked(path, scratch)
            found = fasttext_binary.read_fasttext(unpacked, uri)
            entries = (Entry(*fields) for fields in found.entries)
            yield VectorFile(FASTTEXT_BINARY, found.dim, entries)
            return
        with _opened(path) as stream:
            yield _recognised(stream, head, uri)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{uri} cannot be unpacked ({error}): copy it again.") from error


def _local(uri: str, scratch: Path) -> Path:
    path = store.local_path(uri)
    if path is None:
        store.download(uri, scratch / "vectors")
        return scratch / "vectors"
    if not path.is_file():
        raise ValueError(f"{uri!r} is no file of word vectors: check skipgram_pretrained_uri.")
    return path


def _is_gzipped(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if _is_gzipped(path) else path.open("rb")


def _unpacked(path: Path, scratch: Path) -> Path:
    """The file itself, or its content where it is gzipped: fastText's is not read in order."""
    if not _is_gzipped(path):
        return path
    target = scratch / "unpacked"
    with _opened(path) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    return target


def _recognised(stream: IO[bytes], head: bytes, uri: str) -> VectorFile:
    first, _, rest = head.partition(b"\n")
    sizes = first.split()
    if len(sizes) == 2 and all(size.isdigit() for size in sizes):
        terms, dim = int(sizes[0]), int(sizes[1])
        stream.readline()
        if _numbers_of(rest.partition(b"\n")[0], dim) is not None:
            return VectorFile(WORD2VEC_TEXT, dim, _lines(stream, dim, uri, 2, terms))
        return VectorFile(WORD2VEC_BINARY, dim, _binary_entries(stream, terms, dim, uri))
    dim = len(sizes) - 1
    if dim < 2 or _numbers_of(first, dim) is None:
        raise ValueError(
            f"{uri} is in no format of word vectors that is known: give word2vec (binary or text), "
            "GloVe text, or fastText (.vec or .bin)."
        )
    return VectorFile(GLOVE, dim, _lines(stream, dim, uri, 1, None))


def _numbers_of(line: bytes, dim: int) -> np.ndarray | None:
    """The vector at the end of a line, None where there is none after a name."""
    fields = line.rsplit(None, dim)
    if len(fields) != dim + 1:
        return None
    try:
        return np.array([float(field) for field in fields[1:]], dtype=np.float32)
    except ValueError:
        return None


def _lines(stream: IO[bytes], dim: int, uri: str, first: int, terms: int | None) -> Iterator[Entry]:
    """Entries of a text; a name may have spaces, as some of GloVe's have."""
    number = first - 1
    for number, line in enumerate(stream, first):
        vector = _numbers_of(line, dim)
        if vector is None or not np.isfinite(vector).all():
            raise ValueError(
                f"{uri}, line {number}, is not a name and {dim} numbers: mend or copy it again."
            )
        yield Entry(line.rsplit(None, dim)[0], None, vector)
    if terms is not None and number - first + 1 != terms:
        raise ValueError(
            f"{uri} has {number - first + 1} entries and its first line says {terms}: copy it "
            "again."
        )


def _binary_entries(stream: IO[bytes], terms: int, dim: int, uri: str) -> Iterator[Entry]:
    buffer, at = b"", 0
    for row in range(terms):
        space = buffer.find(b" ", at)
        while space < 0 or space + 1 + 4 * dim > len(buffer):
            block = stream.read(1 << 20)
            if not block:
                raise ValueError(f"{uri} ends at entry {row + 1} of {terms}: copy it again.")
            buffer, at = buffer[at:] + block, 0
            space = buffer.find(b" ")
        vector = np.frombuffer(buffer, dtype="<f4", count=dim, offset=space + 1)
        if not np.isfinite(vector).all():
            raise ValueError(
                f"{uri}, entry {row + 1}, has a number that is not finite: copy it again."
            )
        # A line end after each vector is optional in this format.
        yield Entry(buffer[at:space].lstrip(b"\n"), None, vector)
        at = space + 1 + 4 * dim
