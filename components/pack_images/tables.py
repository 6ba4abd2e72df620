"""Images in parquet files: each row's class, and a path of its own."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from components.pack_images.class_names import REMEDY, ClassNames
from components.pack_images.listing import Source
from components.pack_images.parquet import Columns, Row, list_rows, read_columns

Resolve = Callable[[tuple[str, ...]], list[str]]


def list_tables(
    tables: Sequence[tuple[str, str]],
    terms: Mapping[str, Sequence[str]],
    wnids: Sequence[str] = (),
    list_uri: str = "",
) -> Iterator[Source]:
    """List the images of parquet files.

    Args:
        tables: Split and address of each file, in order.
        terms: Terms of each synset, by wnid, to resolve class names.
        wnids: The classes of numbered labels, whatever their names; empty: by name.
        list_uri: Where these are from.

    Raises:
        ValueError: A file is broken, or a row's class is not known.
    """
    resolve = cache(ClassNames(terms).resolve_all)
    taken: set[str] = set()
    rows: Counter[str] = Counter()
    for split, uri in tables:
        columns = read_columns(uri)
        _check_length(uri, columns, wnids, list_uri)
        classes = wnids or resolve(columns.names)
        for row in list_rows(uri, columns):
            wnid = _wnid(uri, row, columns, classes, resolve)
            path = _path(f"{split}/{wnid}", row, rows[split], taken)
            rows[split] += 1
            taken.add(path)
            yield Source(path, uri, row=row.number)


def _check_length(uri: str, columns: Columns, wnids: Sequence[str], list_uri: str) -> None:
    if wnids and columns.names and len(wnids) != len(columns.names):
        raise ValueError(
            f"{list_uri} has {len(wnids):,} wnids for the {len(columns.names):,} classes of {uri}: "
            "give one a line for each."
        )


def _wnid(uri: str, row: Row, columns: Columns, classes: Sequence[str], resolve: Resolve) -> str:
    if isinstance(row.label, str):
        return resolve((row.label,))[0]
    if not classes:
        raise ValueError(
            f"{uri}: the labels in {columns.label!r} are numbers without names: {REMEDY}."
        )
    if not 0 <= row.label < len(classes):
        raise ValueError(
            f"{uri}: row {row.number} has the label {row.label}: allowed is from 0 to "
            f"{len(classes) - 1}."
        )
    return classes[row.label]


def _path(folder: str, row: Row, number: int, taken: set[str]) -> str:
    """`<folder>/<file>`, with the row's number in the split where that is needed."""
    path = f"{folder}/{row.file_name or f'{number:08d}'}"
    return f"{folder}/{number:08d}-{row.file_name}" if path in taken else path
