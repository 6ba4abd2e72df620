"""Reads the vectors of the words from fastText's own binary format (.bin).

A word's vector is the mean of its own row and the rows of its character n-grams (Bojanowski et al.
2017), which share a fixed number of rows by hash. The matrix stays on the disk.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from gensim.models.fasttext import ft_ngram_hashes

MAGIC = struct.pack("<i", 793712314)

_HEADER = struct.Struct("<14id")
"""Magic, version, dim, window, epochs, minimum count, negatives, words in a group, loss, model,
buckets, shortest and longest n-gram, learning rate update, subsampling."""
_SIZES = struct.Struct("<3iqq")
"""Entries, words, labels, tokens, pruned n-grams."""
_COUNT = struct.Struct("<qb")
_MATRIX = struct.Struct("<?qq")
"""Whether it is quantised, rows, columns."""


@dataclass(frozen=True)
class FastTextFile:
    """What the file holds: the length of its vectors, and (name, count, vector) by entry."""

    dim: int
    entries: Iterator[tuple[bytes, int, np.ndarray]]


@dataclass(frozen=True)
class _Subwords:
    shortest: int
    longest: int
    buckets: int


def read_fasttext(path: Path, name: str) -> FastTextFile:
    """Read a file that begins with `MAGIC`.

    Args:
        path: the file.
        name: what it is called in errors.

    Raises:
        ValueError: it ends early, is quantised, or is a classifier.
    """
    try:
        with path.open("rb") as file:
            header = _HEADER.unpack(file.read(_HEADER.size))
            words = _read_words(file, name)
            matrix = _map_matrix(file, path, name)
    except (struct.error, EOFError) as error:
        raise ValueError(f"{name} ends early: copy it again.") from error
    subwords = _Subwords(header[11], header[12], header[10])
    if matrix.shape[0] < len(words) or matrix.shape[1] != header[2]:
        raise ValueError(
            f"{name} has a matrix {matrix.shape} for {len(words)} words: make it anew."
        )
    return FastTextFile(header[2], _entries(words, matrix, subwords, name))


def _read_words(file: IO[bytes], name: str) -> list[tuple[bytes, int]]:
    entries, _, labels, _, pruned = _SIZES.unpack(file.read(_SIZES.size))
    if labels or pruned > 0:
        raise ValueError(
            f"{name} is a fastText classifier or a compressed model: give one of `fasttext "
            "skipgram` or `fasttext cbow`."
        )
    words = []
    for _ in range(entries):
        word = _read_name(file)
        count, _ = _COUNT.unpack(file.read(_COUNT.size))
        words.append((word, count))
    return words


def _read_name(file: IO[bytes]) -> bytes:
    name = bytearray()
    while (byte := file.read(1)) != b"\0":
        if not byte:
            raise EOFError
        name += byte
    return bytes(name)


def _map_matrix(file: IO[bytes], path: Path, name: str) -> np.ndarray:
    quantised, rows, columns = _MATRIX.unpack(file.read(_MATRIX.size))
    if quantised:
        raise ValueError(f"{name} is a quantised fastText model: give the .bin it was made from.")
    offset = file.tell()
    if path.stat().st_size < offset + 4 * rows * columns:
        raise EOFError
    return np.memmap(path, dtype="<f4", mode="r", offset=offset, shape=(rows, columns))


def _entries(
    words: list[tuple[bytes, int]], matrix: np.ndarray, subwords: _Subwords, name: str
) -> Iterator[tuple[bytes, int, np.ndarray]]:
    for row, (word, count) in enumerate(words):
        vector = matrix[[row, *_subword_rows(word, len(words), subwords)]].mean(axis=0)
        if not np.isfinite(vector).all():
            raise ValueError(
                f"{name}, entry {row + 1}, has a number that is not finite: copy it again."
            )
        yield word, count, vector


def _subword_rows(word: bytes, words: int, subwords: _Subwords) -> list[int]:
    if subwords.longest == 0 or subwords.buckets == 0:
        return []
    text = word.decode(errors="backslashreplace")
    hashes = ft_ngram_hashes(text, subwords.shortest, subwords.longest, subwords.buckets)
    return [words + number for number in hashes]
