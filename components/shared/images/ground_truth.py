"""Classes of images that lie in no class folder, from a list beside them.

ILSVRC's validation images come as one flat tar. Their classes are read from

- a list of wnids, a line for each image in the order of the images' names;
- lines of an image's name and its wnid, `name wnid` or `name,wnid ...`, such as Kaggle's
  LOC_val_solution.csv, in any order;
- the numbers of the development kit, ILSVRC2012_validation_ground_truth.txt, with its meta.mat in
  the same folder, where scipy is installed.
"""

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from components.shared.storage import store
from components.shared.storage.lines import list_lines
from components.shared.wnids import is_wnid

META, HEADER = "meta.mat", "ImageId"
OTHER_FORMS = (
    "give instead a list of wnids, one a line in the order of the images' names, or lines of an "
    "image's name and its wnid, such as Kaggle's LOC_val_solution.csv"
)
_NO_MAT = (ValueError, TypeError, KeyError, OSError, NotImplementedError, zlib.error)
_SEPARATORS = re.compile(r"[,\s]+")


@dataclass(frozen=True)
class GroundTruth:
    """What a list says of some images.

    Attributes:
        classes: The wnid of each image.
        without_image: Names, without their endings, of images that the list has and that are not
            there, sorted; a list that goes by order names none.
    """

    classes: Sequence[str]
    without_image: Sequence[str] = ()


def read_ground_truth(uri: str, images: Sequence[str]) -> GroundTruth:
    """Read the class of each image.

    Args:
        uri: Address of the list.
        images: File names, with or without folders, in the order of their names.

    Raises:
        ValueError: The list has none of the forms, or lacks an image.
    """
    classes = read_list(uri)
    if isinstance(classes, dict):
        return _by_name(uri, classes, images)
    return GroundTruth(_by_order(uri, classes, images))


def read_list(uri: str) -> list[str] | dict[str, str]:
    """The classes in a list: in the order of the images' names, or by those without their endings.

    Raises:
        ValueError: The list has none of the forms.
    """
    rows = list(_rows(uri))
    first = rows[0][1]
    if is_wnid(first[0]):
        return [_wnid(uri, number, row[0]) for number, row in rows]
    if len(first) > 1:
        return _named(uri, rows)
    if first[0].isdigit():
        known = _read_meta(uri)
        return [_numbered(uri, number, row[0], known) for number, row in rows]
    raise ValueError(f"{uri}, line 1: {first[0]!r} is no wnid such as n01440764: {OTHER_FORMS}.")


def read_wnids(uri: str) -> list[str]:
    """The wnid that each line begins with, such as those of LOC_synset_mapping.txt.

    Raises:
        ValueError: A line begins with something else.
    """
    return [_wnid(uri, number, row[0]) for number, row in _rows(uri)]


def _rows(uri: str) -> Iterator[tuple[int, list[str]]]:
    """Lines with their numbers, cut at spaces and commas; without a header and empty lines."""
    empty = True
    for number, line in list_lines(uri):
        parts = [part for part in _SEPARATORS.split(line.strip()) if part]
        if parts and parts[0] != HEADER:
            empty = False
            yield number, parts
    if empty:
        raise ValueError(f"{uri} has no line: {OTHER_FORMS}.")


def _wnid(uri: str, number: int, text: str) -> str:
    if not is_wnid(text):
        raise ValueError(
            f"{uri}, line {number}: {text!r} is no wnid such as n01440764: correct it."
        )
    return text


def _by_order(uri: str, wnids: list[str], images: Sequence[str]) -> list[str]:
    if len(wnids) != len(images):
        raise ValueError(
            f"{uri} has {len(wnids):,} classes for {len(images):,} images, from {images[0]} on: "
            "give the list of just these images."
        )
    return wnids


def _named(uri: str, rows: Sequence[tuple[int, list[str]]]) -> dict[str, str]:
    classes: dict[str, str] = {}
    for number, row in rows:
        wnid = _wnid(uri, number, row[1] if len(row) > 1 else "")
        if classes.setdefault(_stem(row[0]), wnid) != wnid:
            raise ValueError(f"{uri}, line {number}: {row[0]} has another class above: keep one.")
    return classes


def _by_name(uri: str, classes: dict[str, str], images: Sequence[str]) -> GroundTruth:
    stems = [_stem(image) for image in images]
    for image, stem in zip(images, stems, strict=True):
        if stem not in classes:
            raise ValueError(f"{uri} has no line for the image {image}: add one.")
    return GroundTruth([classes[stem] for stem in stems], sorted(classes.keys() - set(stems)))


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def _numbered(uri: str, line: int, text: str, known: dict[int, str]) -> str:
    number = int(text) if text.isdigit() else 0
    if number not in known:
        raise ValueError(
            f"{uri}, line {line}: {text!r} is no class number of {META}, {min(known)} to "
            f"{max(known)}: {OTHER_FORMS}."
        )
    return known[number]


def _read_meta(uri: str) -> dict[int, str]:
    """Wnids of the classes, without children, that the development kit numbers from 1 on."""
    meta = store.join(uri.rpartition("/")[0] or ".", META)
    numbers = f"{uri} holds class numbers, whose meaning is in {META}"
    if not store.exists(meta):
        raise ValueError(f"{numbers}, which is not beside it: add it, or {OTHER_FORMS}.")
    synsets = _load(meta, numbers)
    try:
        known = {int(row["ILSVRC2012_ID"]): str(row["WNID"]) for row in synsets}
        leaves = islice(sorted(known), sum(int(row["num_children"]) == 0 for row in synsets))
        return {number: known[number] for number in leaves}
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"{numbers}, but {meta} is not the kit's: {OTHER_FORMS}.") from error


def _load(meta: str, numbers: str) -> Any:
    # loadmat builds arrays, structs and texts and runs nothing that the file holds.
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise ValueError(f"{numbers}, and reading it needs scipy: {OTHER_FORMS}.") from error
    with store.open_read(meta) as stream:
        content = io.BytesIO(stream.read())
    try:
        return loadmat(content, variable_names=["synsets"], simplify_cells=True)["synsets"]
    except (MatReadError, *_NO_MAT) as error:
        raise ValueError(f"{numbers}, but {meta} is unreadable: {OTHER_FORMS}.") from error
