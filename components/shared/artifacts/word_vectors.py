"""The word_vectors artifact: word2vec's binary format, which every tool reads, and the counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

VECTORS_FILE = "vectors.bin"
COUNTS_FILE = "counts.parquet"
PHRASES_FILE = "phrases.parquet"
VOCABULARY_FILE = "vocabulary.parquet"
FACTS_FILE = "skipgram.json"


def vectors_folder(word_vectors: Path, dim: int) -> Path:
    """The folder, in the artifact, of vectors that a variant has and the run has not.

    Args:
        word_vectors: The artifact.
        dim: Their dimensions; 0: the run's own, which lie in the artifact itself.
    """
    return word_vectors / f"dim_{dim}" if dim else word_vectors


def write_word2vec_binary(path: Path, terms: Sequence[str], vectors: np.ndarray) -> None:
    """Write word vectors in word2vec's binary format.

    Args:
        path: The file to write.
        terms: A term per row, none empty or with a space.
        vectors: [terms, dim], stored as float32.

    Raises:
        ValueError: A term cannot be stored, or there are not as many terms as vectors.
    """
    if len(terms) != len(vectors):
        raise ValueError(f"{len(terms)} terms for {len(vectors)} vectors: give a vector per term.")
    rows = np.ascontiguousarray(vectors, dtype="<f4")
    with path.open("wb") as file:
        file.write(f"{rows.shape[0]} {rows.shape[1]}\n".encode())
        for term, row in zip(terms, rows, strict=True):
            if not term or len(term.split()) != 1 or term.strip() != term:
                raise ValueError(f"term {term!r} is empty or has a space: join its words by '_'.")
            file.write(term.encode() + b" " + row.tobytes() + b"\n")


def read_word2vec_binary(path: Path) -> tuple[list[str], np.ndarray]:
    """Read word vectors from word2vec's binary format.

    Returns:
        The terms in file order, and their vectors, float32 [terms, dim].

    Raises:
        ValueError: The file is not in this format, or ends early.
    """
    content = path.read_bytes()
    count, dim = _header(path, content)
    vectors = np.empty((count, dim), dtype=np.float32)
    terms = []
    position = content.index(b"\n") + 1
    for row in range(count):
        space = content.find(b" ", position)
        end = space + 1 + 4 * dim
        if space < 0 or end > len(content):
            raise ValueError(f"{path} ends at vector {row + 1} of {count}: make or copy it again.")
        # A line end after each vector is optional in this format.
        terms.append(content[position:space].lstrip(b"\n").decode())
        vectors[row] = np.frombuffer(content, dtype="<f4", count=dim, offset=space + 1)
        position = end
    return terms, vectors


def _header(path: Path, content: bytes) -> tuple[int, int]:
    fields = content[: max(content.find(b"\n", 0, 100), 0)].split()
    if len(fields) != 2 or not all(field.isdigit() for field in fields):
        raise ValueError(
            f"{path} does not begin with a line `<terms> <dim>`: it is no word2vec binary file."
        )
    return int(fields[0]), int(fields[1])


def by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Terms with their counts, most frequent first, equal counts by term."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def write_counts(path: Path, counts: Mapping[str, int]) -> None:
    """Write a table (term, count), most frequent first."""
    rows = by_count(counts)
    frame = pd.DataFrame({"term": [term for term, _ in rows], "count": [n for _, n in rows]})
    frame.astype({"count": "int64"}).to_parquet(path, index=False)


def read_counts(path: Path) -> dict[str, int]:
    """Read a table (term, count), in file order."""
    frame = pd.read_parquet(path)
    return dict(zip(frame["term"], frame["count"].tolist(), strict=True))
