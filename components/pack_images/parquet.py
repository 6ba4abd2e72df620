"""Parquet files of images as public data sets on the Hugging Face hub have them.

A column holds the encoded image, alone or in a struct of bytes and path; another the label, a
number or a text; the names of numbered labels stand in the schema's `huggingface` metadata.
"""

import io
import json
import math
import re
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.images.limits import MILLION, BadImage, check_bytes
from components.shared.storage import store

PARQUET = ".parquet"
ROWS_AT_A_TIME = 32
LABELS_AT_A_TIME = 1024
MOST_UNPACKED_MEGABYTES, MOST_RATIO = 256, 100
"""Rows that unpack to more, and to so many times the file's size, are no images and labels."""
READ_BUFFER = 1 << 22
IMAGE_COLUMNS, LABEL_COLUMN = ("image", "img"), "label"
BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
NUMBERS = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
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
            _check_ratio(uri, file.metadata, stream.seek(0, io.SEEK_END))
            yield file
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
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
    data = f"{image}.bytes" if _leaf_type(schema, image, "bytes") else image
    named = _leaf_type(schema, image, "path")
    path = f"{image}.path" if named and any(is_it(named) for is_it in TEXTS) else ""
    names = _class_names(features.get(label))
    return Columns(image, data, path, label, names)


def _check_ratio(uri: str, metadata: pq.FileMetaData, packed: int) -> None:
    """Compare each row group with the file: asked for a damaged column, pyarrow aborts Python."""
    for number in range(metadata.num_row_groups):
        size = metadata.row_group(number).total_byte_size
        if size > max(MOST_UNPACKED_MEGABYTES * MILLION, MOST_RATIO * packed):
            raise ValueError(
                f"{uri}: row group {number} unpacks to {size:,} bytes from a file of {packed:,}, "
                "which no images do: save it without what is not needed."
            )


def _features(schema: pa.Schema) -> dict[str, Any]:
    """What the datasets library says of each column; nothing where it does not say it its way."""
    content: Any = (schema.metadata or {}).get(b"huggingface", b"{}")
    try:
        content = json.loads(content)
    except ValueError:
        return {}
    for name in ("info", "features"):
        content = content.get(name) if isinstance(content, dict) else None
    return content if isinstance(content, dict) else {}


def _leaf_type(schema: pa.Schema, column: str, leaf: str) -> pa.DataType | None:
    kind = schema.field(column).type
    has = pa.types.is_struct(kind) and kind.get_field_index(leaf) >= 0
    return kind.field(leaf).type if has else None


def _image_column(uri: str, schema: pa.Schema, features: dict[str, Any]) -> str:
    declared = [name for name, feature in features.items() if _is(feature, "Image")]
    for name in (*declared, *IMAGE_COLUMNS):
        if schema.names.count(name) == 1 and _holds_bytes(schema, name):
            return name
    raise ValueError(f"{uri} has no column 'image' that holds bytes: it has {schema.names}.")


def _holds_bytes(schema: pa.Schema, name: str) -> bool:
    kind = _leaf_type(schema, name, "bytes") or schema.field(name).type
    return any(is_it(kind) for is_it in BYTES)


def _class_names(feature: Any) -> tuple[str, ...]:
    names = feature.get("names") if isinstance(feature, dict) else None
    return tuple(map(str, names)) if isinstance(names, list) else ()


def _label_column(uri: str, schema: pa.Schema, features: dict[str, Any]) -> str:
    declared = [name for name, feature in features.items() if _is(feature, "ClassLabel")]
    candidates: list[str] = [LABEL_COLUMN, *(declared if len(declared) == 1 else [])]
    for name in candidates:
        if schema.names.count(name) == 1:
            _check_label_type(uri, name, schema.field(name).type)
            return name
    raise ValueError(
        f"{uri} has no labels: no column {LABEL_COLUMN!r} and not one ClassLabel among "
        f"{schema.names}; rename the column, or move the file away."
    )


def _check_label_type(uri: str, name: str, kind: pa.DataType) -> None:
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not any(is_it(values) for is_it in (*TEXTS, *NUMBERS, pa.types.is_null)):
        raise ValueError(
            f"{uri}: the labels in {name!r} are of the type {kind}: give a class's number or name "
            "in each row."
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
        for batch in file.iter_batches(LABELS_AT_A_TIME, columns=leaves, use_threads=False):
            labels = batch.column(columns.label).to_pylist()
            for name, label in zip(_file_names(batch, columns), labels, strict=True):
                yield Row(number, name, _label(uri, number, label))
                number += 1


def _label(uri: str, row: int, label: Any) -> str | int:
    # A column of numbers that once had a gap holds floats, and NaN where the gap is.
    if label is None or label in ("", -1) or label != label:
        raise ValueError(f"{uri}: row {row} has no label; move the file away.")
    if isinstance(label, str):
        return label
    if not math.isfinite(label) or int(label) != label:
        raise ValueError(f"{uri}: row {row} has the label {label}, no whole number: correct it.")
    return int(label)


def _file_names(batch: pa.RecordBatch, columns: Columns) -> list[str]:
    if not columns.path:
        return [""] * len(batch)
    structs = batch.column(columns.image).to_pylist()
    return [((struct or {}).get("path") or "").rpartition("/")[2] for struct in structs]


def read_images(uri: str, rows: Sequence[int]) -> Iterator[bytes | None]:
    """Encoded images of some rows, a few in memory at a time.

    Args:
        uri: The parquet file.
        rows: Numbers of rows, ascending.

    Yields:
        The bytes of each; None: the row has none.

    Raises:
        ValueError: The file is broken, or lacks one.
    """
    found = 0
    for image in _images(uri, set(rows)):
        yield image
        found += 1
    if found < len(rows):
        raise ValueError(f"{uri} has fewer images than labels: fetch it again.")


def _images(uri: str, wanted: Container[int]) -> Iterator[bytes | None]:
    columns = read_columns(uri)
    with _opened(uri) as file:
        start = 0
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            if any(row in wanted for row in range(start, end)):
                yield from _of_group(file, group, start, columns, wanted)
            start = end


def _of_group(
    file: pq.ParquetFile, group: int, start: int, columns: Columns, wanted: Container[int]
) -> Iterator[bytes | None]:
    batches = file.iter_batches(
        _rows_at_a_time(file.metadata.row_group(group), columns.data),
        row_groups=[group],
        columns=[columns.data],
        use_threads=False,
    )
    for batch in batches:
        for place, value in enumerate(batch.column(columns.image)):
            if start + place in wanted:
                image = value.as_py()
                yield image.get("bytes") if isinstance(image, dict) else image
        start += len(batch)


def _rows_at_a_time(group: pq.RowGroupMetaData, leaf: str) -> int:
    """One row where a large image may stand for many of them, written once in a dictionary."""
    chunks = map(group.column, range(group.num_columns))
    encodings = next(chunk.encodings for chunk in chunks if chunk.path_in_schema == leaf)
    return 1 if any("DICTIONARY" in encoding for encoding in encodings) else ROWS_AT_A_TIME


def given(data: bytes | None) -> bytes:
    """The bytes of a row's image.

    Raises:
        BadImage: It has none, or too many.
    """
    if data is None:
        raise BadImage("its row holds no bytes: save the data set with them")
    check_bytes(len(data))
    return data
