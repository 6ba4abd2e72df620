"""Label vectors that others have made, by wnid, in place of word vectors.

A file of them is told by its content:

- parquet: a column `wnid` of texts and one other, of lists of numbers;
- npz of numpy: `wnids`, texts [n], and `vectors`, floating-point [n, dim].

Sizes are read before vectors are, and of these only those that are asked for are kept. Nothing is
ever unpickled.
"""

import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.artifacts.label_space import unit_norm
from components.shared.storage import store
from components.shared.synset_vectors import (
    FILE,
    NONE,
    Target,
    TermRow,
    normalised,
    synset_text,
)
from components.shared.wnids import is_wnid

MOST_ROWS, MOST_DIM, MOST_NAME_BYTES = 1_000_000, 1 << 14, 1 << 8
"""WordNet has some 82,000 nouns; encoders give vectors of 384 to 4,096 numbers."""
ROWS_AT_ONCE = 1024
PARQUET_MAGIC, NPZ_MAGIC = b"PAR1", b"PK\x03\x04"
WNID_COLUMN, WNIDS, VECTORS = "wnid", "wnids", "vectors"
NUMBERS = "iuf"
"""Kinds of them, as numpy calls them: whole, without a sign, floating-point."""
READ_HEADER = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
BROKEN = (pa.ArrowException, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
"""What is raised where a file is cut or has other bytes than were written."""

Block = tuple[list[str], np.ndarray]
"""Some rows of a file: their wnids, and their vectors [rows, dim]."""


@dataclass(frozen=True)
class LabelVectors:
    """The vectors of synsets.

    Attributes:
        vectors: float32 [synsets, dim], unit norm.
        row_of: Row of each synset's vector, by wnid.
    """

    vectors: np.ndarray
    row_of: Mapping[str, int]


@dataclass(frozen=True)
class VectorRows:
    """A file that has been recognised.

    Attributes:
        rows: How many vectors it has.
        dim: How long each is.
        blocks: The rows themselves, to be read once.
    """

    rows: int
    dim: int
    blocks: Iterator[Block]


@dataclass(frozen=True)
class _Array:
    """What an array of an npz says of itself: type, shape, and whether it lies column by column."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    by_columns: bool


def read_label_vectors(uri: str, wanted: Collection[str]) -> LabelVectors:
    """Read the vectors of synsets; those of others are checked and dropped.

    Args:
        uri: A path or an address.
        wanted: The wnids whose vectors are kept.

    Raises:
        ValueError: It is of neither kind, too large, broken, or has none of these synsets; or a
            row has no wnid, one that is there already, numbers that are not finite, or zeros alone.
    """
    with store.local_copy(uri) as path, store.open_read(str(path)) as stream, said_of_file(uri):
        found = _kept(recognised(stream), wanted)
        if not found.row_of:
            raise ValueError(
                "has none of the hierarchy's synsets: give vectors by the wnids that taxonomy_uri "
                "has."
            )
    return found


def _kept(found: VectorRows, wanted: Collection[str]) -> LabelVectors:
    vectors = np.empty((min(len(wanted), found.rows), found.dim), dtype=np.float32)
    row_of: dict[str, int] = {}
    for wnid, vector in _checked(found):
        if wnid in wanted:
            vectors[len(row_of)] = vector
            row_of[wnid] = len(row_of)
    return LabelVectors(vectors[: len(row_of)], row_of)


def label_vector_rows(
    labels: Mapping[str, Sequence[str]], given: LabelVectors
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    """Make one row a synset, the vector that the file has for it, target and ranking.

    Args:
        labels: The normalised terms of each label.
        given: What was read.

    Returns:
        The row of each label that the file has, by its text (the first term, `#` and the wnid), and
        the target of every label; no count, since no text was read.
    """
    rows: dict[str, TermRow] = {}
    chosen: dict[str, Target] = {}
    for wnid, terms in labels.items():
        row, text = given.row_of.get(wnid), synset_text(terms, wnid)
        chosen[wnid] = Target("", NONE) if row is None else Target(text, FILE)
        if row is not None:
            rows[text] = TermRow(FILE, 0, given.vectors[row], first_of={wnid})
    return rows, chosen


def words_of_synsets(
    synsets: Mapping[str, Sequence[str]], given: LabelVectors
) -> tuple[list[str], np.ndarray]:
    """Give every term of the synsets a vector: the mean of those of its synsets.

    Args:
        synsets: Terms of each synset, as the hierarchy has them.
        given: What was read.

    Returns:
        The terms, sorted, and their vectors, float32 [terms, dim], unit norm.
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for wnid, row in given.row_of.items():
        for term in normalised(synsets[wnid]):
            rows[term].append(row)
    terms = sorted(rows)
    return terms, unit_norm(np.stack([given.vectors[rows[term]].mean(axis=0) for term in terms]))


@contextmanager
def said_of_file(uri: str) -> Iterator[None]:
    """Name a file in what is raised about it while the block lasts.

    Raises:
        ValueError: With the file before the message.
    """
    try:
        yield
    except BROKEN as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{store.shown(uri)} is broken ({reason}): copy it again.") from error
    except ValueError as error:
        raise ValueError(f"{store.shown(uri)} {error}") from error


def _checked(found: VectorRows) -> Iterator[tuple[str, np.ndarray]]:
    """Every row's wnid and its unit vector, float32 [dim]."""
    wnids: set[str] = set()
    for names, numbers in found.blocks:
        with np.errstate(over="ignore"):
            vectors = numbers.astype(np.float32)
        for wnid, vector in zip(names, vectors, strict=True):
            _check_row(wnid, vector, wnids)
        yield from zip(names, unit_norm(vectors), strict=True)


def _check_row(wnid: str, vector: np.ndarray, before: set[str]) -> None:
    if not is_wnid(wnid):
        raise ValueError(f"has a vector for {wnid!r}, which is no wnid such as n01443537: mend it.")
    if wnid in before:
        raise ValueError(f"has two vectors for {wnid}: leave one out.")
    if not np.isfinite(vector).all():
        raise ValueError(f"has a number for {wnid} that is not finite: make its vector anew.")
    if not vector.any():
        raise ValueError(f"has nothing but zeros for {wnid}: leave it out.")
    before.add(wnid)


def recognised(stream: IO[bytes]) -> VectorRows:
    """Read what a file says of itself: its kind, its columns or arrays, and their sizes.

    Args:
        stream: The file, at its beginning; no vector of it is read yet.

    Raises:
        ValueError: It is of neither kind, or too large.
    """
    head = stream.read(len(PARQUET_MAGIC))
    stream.seek(0)
    if head == PARQUET_MAGIC:
        found = _parquet(stream)
    elif head == NPZ_MAGIC:
        found = _npz(stream)
    else:
        raise ValueError("is neither parquet nor npz: save label vectors as one of them.")
    if not (1 <= found.rows <= MOST_ROWS and 1 <= found.dim <= MOST_DIM):
        raise ValueError(
            f"has {found.rows:,} vectors of {found.dim:,} numbers: give from 1 to {MOST_ROWS:,} "
            f"vectors of at most {MOST_DIM:,}."
        )
    return found


def _parquet(stream: IO[bytes]) -> VectorRows:
    file = pq.ParquetFile(stream)
    column, rows = _list_column(file.schema_arrow), file.metadata.num_rows
    numbers = _numbers_in(file, column)
    if numbers % max(rows, 1):
        raise ValueError(
            f"has {numbers:,} numbers in {rows:,} rows of {column!r}: give each vector as many."
        )
    dim = numbers // max(rows, 1)
    return VectorRows(rows, dim, _rows_of_parquet(file, column, dim))


def _list_column(schema: pa.Schema) -> str:
    """Name of the column with the vectors, beside that of the wnids."""
    columns = ", ".join(map(repr, schema.names))
    wnids = schema.field(WNID_COLUMN).type if schema.names.count(WNID_COLUMN) == 1 else None
    if wnids is None or not (pa.types.is_string(wnids) or pa.types.is_large_string(wnids)):
        raise ValueError(f"has the columns {columns}: give one {WNID_COLUMN!r}, of texts.")
    lists = [field.name for field in schema if _holds_vectors(field.type)]
    if len(lists) != 1:
        raise ValueError(
            f"has {len(lists)} columns of lists of numbers among {columns}: give one, the vectors."
        )
    return str(lists[0])


def _holds_vectors(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(is_list(kind) for is_list in lists):
        return False
    return bool(pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _numbers_in(file: pq.ParquetFile, column: str) -> int:
    """How many numbers a column of lists holds, without reading them."""
    paths = [file.schema.column(leaf).path for leaf in range(file.metadata.num_columns)]
    leaf = next(number for number, path in enumerate(paths) if path.startswith(f"{column}."))
    groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
    return sum(group.column(leaf).num_values for group in groups)


def _rows_of_parquet(file: pq.ParquetFile, column: str, dim: int) -> Iterator[Block]:
    for batch in file.iter_batches(ROWS_AT_ONCE, columns=[WNID_COLUMN, column]):
        names, lists = batch[WNID_COLUMN].to_pylist(), batch[column]
        for name, length in zip(names, lists.value_lengths().to_pylist(), strict=True):
            if name is None or length != dim:
                raise ValueError(
                    f"has {length or 0} numbers for {name} where others have {dim}: mend that row."
                )
        yield names, lists.flatten().to_numpy(zero_copy_only=False).reshape(len(names), dim)


def _npz(stream: IO[bytes]) -> VectorRows:
    archive = zipfile.ZipFile(stream)
    names, vectors = _array(archive, WNIDS), _array(archive, VECTORS)
    if names.dtype.kind != "U" or len(names.shape) != 1 or names.dtype.itemsize > MOST_NAME_BYTES:
        raise ValueError(f"has no texts [n] as {WNIDS!r}: save np.array(wnids, dtype='U9').")
    if vectors.dtype.kind not in NUMBERS or len(vectors.shape) != 2 or vectors.by_columns:
        raise ValueError(
            f"has no numbers [n, dim], row by row, as {VECTORS!r}: save "
            "np.ascontiguousarray(vectors, dtype='float32')."
        )
    if names.shape[0] != vectors.shape[0]:
        raise ValueError(
            f"has {names.shape[0]:,} wnids and {vectors.shape[0]:,} vectors: give as many of each."
        )
    return VectorRows(*vectors.shape, _rows_of_npz(archive, names, vectors))


def _array(archive: zipfile.ZipFile, name: str) -> _Array:
    if f"{name}.npy" not in archive.namelist():
        raise ValueError(f"has no array {name!r}: save np.savez(file, wnids=..., vectors=...).")
    with archive.open(f"{name}.npy") as member:
        return _header(member)


def _header(member: IO[bytes]) -> _Array:
    read_header = READ_HEADER.get(np.lib.format.read_magic(member))
    if read_header is None:
        raise ValueError("was written by a version of numpy that is not known: save it anew.")
    shape, by_columns, dtype = read_header(member)
    return _Array(dtype, shape, by_columns)


def _rows_of_npz(archive: zipfile.ZipFile, names: _Array, vectors: _Array) -> Iterator[Block]:
    rows, dim = vectors.shape
    with archive.open(f"{WNIDS}.npy") as of_names, archive.open(f"{VECTORS}.npy") as of_vectors:
        _header(of_names)
        _header(of_vectors)
        for start in range(0, rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, rows - start)
            numbers = _next_of(of_vectors, vectors.dtype, count * dim).reshape(count, dim)
            yield _next_of(of_names, names.dtype, count).tolist(), numbers


def _next_of(member: IO[bytes], dtype: np.dtype[Any], count: int) -> np.ndarray:
    content = member.read(count * dtype.itemsize)
    if len(content) < count * dtype.itemsize:
        raise EOFError("it ends early")
    return np.frombuffer(content, dtype=dtype)
