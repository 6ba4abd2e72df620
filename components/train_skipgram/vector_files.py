"""Reads word vectors that others have made, entry by entry, whatever the format.

The format is told by the content, not by the name; each may be gzipped:

- word2vec binary: a line `<terms> <dim>`, then name, space, float32 numbers;
- word2vec text and fastText .vec: the same line, then a line an entry;
- GloVe text: a line an entry, no line before them;
- fastText .bin: see `fasttext_binary`.

Nothing is ever unpickled.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from components.shared.storage import store
from components.shared.vector_formats import (
    BYTE_ORDER_MARK,
    FASTTEXT_BINARY,
    GZIP,
    HEAD_BYTES,
    WORD2VEC_BINARY,
    VectorFormat,
    check_dim,
    numbers_of,
    recognised,
    unpacked_errors,
)
from components.train_skipgram import fasttext_binary

MOST_LINE_BYTES, MOST_NAME_BYTES = 1 << 18, 1 << 16
"""Of an entry; text without a line end, or zeros, would be read whole."""
MOST_RATIO = 100
"""How many times its size a packed file may unpack to: that of numbers is below 10."""


@dataclass(frozen=True)
class Entry:
    """One entry of a file of vectors.

    Attributes:
        name: As the file writes it, UTF-8 in the usual case; empty where it has none.
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
def open_vectors(uri: str, dim: int, scratch: Path) -> Iterator[VectorFile]:
    """Open a file of vectors.

    Args:
        uri: A path or an s3:// address.
        dim: How long its vectors must be.
        scratch: A folder for what must be downloaded or unpacked.

    Raises:
        ValueError: There is no such file, its format is not known, its vectors have another
            length, or, while the entries are read, it is broken: the sentence names the file and
            the line or entry.
    """
    path = _local(uri, scratch)
    with unpacked_errors(uri):
        with _opened(path) as stream:
            found = recognised(head := stream.read(HEAD_BYTES), uri)
        check_dim(uri, found, dim)
        if found.name == FASTTEXT_BINARY:
            fasttext = fasttext_binary.read_fasttext(_unpacked(path, uri, scratch), uri)
            yield VectorFile(found.name, dim, (Entry(*fields) for fields in fasttext.entries))
            return
        with _opened(path) as stream:
            stream.read(len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0)
            yield VectorFile(found.name, dim, _entries(stream, found, uri))


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
        return file.read(len(GZIP)) == GZIP


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if _is_gzipped(path) else path.open("rb")


def _unpacked(path: Path, uri: str, scratch: Path) -> Path:
    """The file itself, or its content where it is gzipped: fastText's is not read in order."""
    if not _is_gzipped(path):
        return path
    target, most = scratch / "unpacked", MOST_RATIO * path.stat().st_size
    with _opened(path) as source, target.open("wb") as file:
        while block := source.read(1 << 20):
            file.write(block)
            if file.tell() > most:
                raise ValueError(
                    f"{uri} unpacks to more than {MOST_RATIO} times its size, which no vectors do: "
                    "copy it again."
                )
    return target


def _entries(stream: IO[bytes], found: VectorFormat, uri: str) -> Iterator[Entry]:
    if found.terms is not None:
        stream.readline()
    if found.name == WORD2VEC_BINARY:
        return _binary_entries(stream, found.terms or 0, found.dim, uri)
    return _lines(stream, found, uri)


def _lines(stream: IO[bytes], found: VectorFormat, uri: str) -> Iterator[Entry]:
    """Entries of a text; a name may have spaces, as some of GloVe's have, or be missing."""
    number, entries = 0 if found.terms is None else 1, 0
    while line := stream.readline(MOST_LINE_BYTES):
        number += 1
        if not line.strip() and line.endswith(b"\n"):
            continue
        numbers = numbers_of(line, found.dim)
        if numbers is None or not np.isfinite(numbers[1]).all():
            raise ValueError(
                f"{uri}, line {number}, is not a name and {found.dim} numbers: mend or copy it "
                "again."
            )
        entries += 1
        yield Entry(numbers[0], None, np.array(numbers[1], np.float32))
    if found.terms is not None and entries != found.terms:
        raise _other_number(uri, str(entries), found.terms)


def _other_number(uri: str, entries: str, terms: int) -> ValueError:
    return ValueError(
        f"{uri} has {entries} entries and its first line says {terms}: copy it again."
    )


def _binary_entries(stream: IO[bytes], terms: int, dim: int, uri: str) -> Iterator[Entry]:
    buffer, at = b"", 0
    for row in range(terms):
        space = buffer.find(b" ", at)
        while space < 0 or space + 1 + 4 * dim > len(buffer):
            block = stream.read(1 << 20)
            if not block:
                raise ValueError(f"{uri} ends at entry {row + 1} of {terms}: copy it again.")
            if space < 0 and len(buffer) - at > MOST_NAME_BYTES:
                raise ValueError(
                    f"{uri}, entry {row + 1}, has a name of more than {MOST_NAME_BYTES:,} bytes: "
                    "copy it again."
                )
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
    if (buffer[at:] + stream.read(1 << 20)).strip():
        raise _other_number(uri, "more", terms)
