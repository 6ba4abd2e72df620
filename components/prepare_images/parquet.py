"""Parquet files of images as public data sets on the Hugging Face hub have them.

A column holds the encoded image, alone or in a struct of bytes and path; another the label, a
number or a text; the names of numbered labels stand in the schema's `huggingface` metadata.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.storage import store

PARQUET = ".parquet"
ROWS_AT_A_TIME = 32
READ_BUFFER = 1 << 22
IMAGE_COLUMNS, LABEL_COLUMN = ("image", "img"), "label"
_SHARD = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}(-[0-9a-f]+)?")


@dataclass(frozen=True)
class Columns:
    """What a file's columns are.

    Attributes:
        image: The column of images.
        data: The leaf with their bytes.
        path: The leaf with their file names; empty: there is none.
        label: The column of labels.
        names: The class of each label number; empty: labels are texts, or numbers without names.
    """

    image: str
    data: str
    path: str
    label: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row without its image: the file name it had (or an empty text), and its label."""

    number: int
    file_name: str
    label: str | int


def split_of_file(path: str) -> str:
    """The split in a file's name: `data/train-00000-of-00004.parquet`, `default/train/0.parquet`.

    Args:
        path: The file's path below images_uri.
    """
    folder, _, name = path.removesuffix(PARQUET).rpartition("/")
    match = _SHARD.fullmatch(name)
    if match:
        return match["split"]
    return folder.rpartition("/")[2] if name.isdigit() and folder else name.split("-")[0]


@contextmanager
def _opened(uri: str) -> Iterator[pq.ParquetFile]:
    try:
        with (
            store.open_seekable(uri) as stream,
            pq.ParquetFile(stream, buffer_size=READ_BUFFER, pre_buffer=False) as file,
        ):
            yield file
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{uri} is no readable parquet ({error}): fetch it again.") from error


def read_columns(uri: str) -> Columns:
    """Find out which columns hold the images and their labels.

    Raises:
        ValueError: The file is broken, or has no images or no labels.
    """
    with _opened(uri) as file:
        schema = file.schema_arrow
    features = _features(schema)
    image = _image_column(uri, schema, features)
    label = _label_column(uri, schema, features)
    data = f"{image}.bytes" if _has(schema, image, "bytes") else image
    path = f"{image}.path" if _has(schema, image, "path") else ""
    names = tuple(features.get(label, {}).get("names") or ())
    return Columns(image, data, path, label, names)


def _features(schema: pa.Schema) -> dict[str, Any]:
    text = (schema.metadata or {}).get(b"huggingface", b"{}")
    features: dict[str, Any] = json.loads(text).get("info", {}).get("features", {})
    return features


def _has(schema: pa.Schema, column: str, leaf: str) -> bool:
    kind = schema.field(column).type
    return bool(pa.types.is_struct(kind)) and bool(kind.get_field_index(leaf) >= 0)


def _image_column(uri: str, schema: pa.Schema, features: dict[str, Any]) -> str:
    declared = [name for name, feature in features.items() if _is(feature, "Image")]
    for name in (*declared, *IMAGE_COLUMNS):
        if name in schema.names and _holds_bytes(schema, name):
            return name
    raise ValueError(f"{uri} has no column 'image' that holds bytes: it has {schema.names}.")


def _holds_bytes(schema: pa.Schema, name: str) -> bool:
    kind = schema.field(name).type
    return _has(schema, name, "bytes") or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _label_column(uri: str, schema: pa.Schema, features: dict[str, Any]) -> str:
    if LABEL_COLUMN in schema.names:
        return LABEL_COLUMN
    declared = [name for name, feature in features.items() if _is(feature, "ClassLabel")]
    if len(declared) == 1 and declared[0] in schema.names:
        return declared[0]
    raise ValueError(
        f"{uri} has no labels: no column {LABEL_COLUMN!r} and not one ClassLabel among "
        f"{schema.names}; rename the column, or move the file away."
    )


def _is(feature: Any, kind: str) -> bool:
    return isinstance(feature, dict) and feature.get("_type") == kind


def list_rows(uri: str, columns: Columns) -> Iterator[Row]:
    """All rows of a file, without reading the images.

    Raises:
        ValueError: The file is broken, or a row has no label.
    """
    leaves = [leaf for leaf in (columns.path, columns.label) if leaf]
    with _opened(uri) as file:
        number = 0
        for batch in file.iter_batches(columns=leaves, use_threads=False):
            labels = batch.column(columns.label).to_pylist()
            for name, label in zip(_file_names(batch, columns), labels, strict=True):
                if label is None or label in ("", -1):
                    raise ValueError(f"{uri}: row {number} has no label; move the file away.")
                yield Row(number, name, label)
                number += 1


def _file_names(batch: pa.RecordBatch, columns: Columns) -> list[str]:
    if not columns.path:
        return [""] * len(batch)
    structs = batch.column(columns.image).to_pylist()
    return [((struct or {}).get("path") or "").rpartition("/")[2] for struct in structs]


def read_images(uri: str, rows: Sequence[int]) -> Iterator[bytes]:
    """Encoded images of some rows, a few in memory at a time.

    Args:
        uri: The parquet file.
        rows: Numbers of rows, ascending.

    Raises:
        ValueError: The file is broken, or a row holds no bytes.
    """
    columns, wanted = read_columns(uri), set(rows)
    with _opened(uri) as file:
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            if not wanted.isdisjoint(range(start, end)):
                yield from _of_group(uri, file, group, start, columns, wanted)
            start = end


def _of_group(
    uri: str, file: pq.ParquetFile, group: int, start: int, columns: Columns, wanted: set[int]
) -> Iterator[bytes]:
    batches = file.iter_batches(
        ROWS_AT_A_TIME, row_groups=[group], columns=[columns.data], use_threads=False
    )
    for batch in batches:
        for place, value in enumerate(batch.column(columns.image)):
            if start + place in wanted:
                yield _bytes(uri, start + place, value.as_py())
        start += len(batch)


def _bytes(uri: str, row: int, value: Any) -> bytes:
    data = value.get("bytes") if isinstance(value, dict) else value
    if data is None:
        raise ValueError(
            f"{uri}: row {row} holds no bytes of its image: save the data set with them."
        )
    return bytes(data)
