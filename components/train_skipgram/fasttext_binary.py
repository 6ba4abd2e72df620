"""Reads the vectors of the words from fastText's own binary format (.bin), with gensim's reader.

A word's vector is the mean of its own row and the rows of its character n-grams (Bojanowski et al.
2017), which share a fixed number of rows by hash. The mean is taken word by word: gensim's
`load_facebook_vectors` would hold the matrix two and a half times, decode names that are no UTF-8
into others, and look for the end of a name for ever in a file that is cut inside one.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import _fasttext_bin
from gensim.models.fasttext import ft_ngram_hashes

_BYTE_FOR_BYTE = "latin-1"
"""Names are decoded so that every byte is one character, and come back as they were."""

_BROKEN = (EOFError, struct.error, AssertionError, ValueError, OverflowError, MemoryError)
"""What gensim's reader raises where a file ends early or its sizes are nonsense."""


@dataclass(frozen=True)
class FastTextFile:
    """What the file holds: the length of its vectors, and (name, count, vector) by entry."""

    dim: int
    entries: Iterator[tuple[bytes, int, np.ndarray]]


class _WholeFile(io.BufferedReader):
    """A file whose end is an error where more is asked for: gensim does not look."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if size is not None and len(data) < size:
            raise EOFError
        return data


def read_fasttext(path: Path, name: str) -> FastTextFile:
    """Read a file that begins with `FASTTEXT_MAGIC`.

    Args:
        path: The file.
        name: What it is called in errors.

    Raises:
        ValueError: It ends early, or is a classifier, as compressed models are too.
    """
    try:
        with _WholeFile(io.FileIO(path)) as file:
            model = _fasttext_bin.load(file, encoding=_BYTE_FOR_BYTE, full_model=False)
    except NotImplementedError as error:
        raise ValueError(
            f"{name} is a fastText classifier or a compressed model: give one of `fasttext "
            "skipgram` or `fasttext cbow`."
        ) from error
    except _BROKEN as error:
        raise ValueError(f"{name} ends early: copy it again.") from error
    _check_sizes(model, name)
    return FastTextFile(model.dim, _entries(model, name))


def _check_sizes(model: Any, name: str) -> None:
    rows, columns = model.vectors_ngrams.shape
    fits = (rows, columns) == (len(model.raw_vocab) + model.bucket, model.dim)
    if not fits or model.minn < 0:
        raise ValueError(
            f"{name} has a matrix {rows} x {columns} for {len(model.raw_vocab)} words and "
            f"{model.bucket} rows of n-grams from {model.minn} letters on: make it anew."
        )


def _entries(model: Any, name: str) -> Iterator[tuple[bytes, int, np.ndarray]]:
    for row, (text, count) in enumerate(model.raw_vocab.items()):
        word = text.encode(_BYTE_FOR_BYTE)
        vector = model.vectors_ngrams[[row, *_subword_rows(word, model)]].mean(axis=0)
        if not np.isfinite(vector).all():
            raise ValueError(
                f"{name}, entry {row + 1}, has a number that is not finite: copy it again."
            )
        yield word, count, vector


def _subword_rows(word: bytes, model: Any) -> list[int]:
    if model.maxn <= 0 or model.bucket <= 0:
        return []
    text = word.decode(errors="backslashreplace")
    hashes = ft_ngram_hashes(text, model.minn, model.maxn, model.bucket)
    return [len(model.raw_vocab) + number for number in hashes]
