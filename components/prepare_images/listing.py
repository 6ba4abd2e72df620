"""What all parts found below an address: images with their classes and splits."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa

from components.shared.images.ground_truth import GroundTruth, read_ground_truth
from components.shared.images.parts import RIGHT_LAYOUT, UNPACK, PartFacts
from components.shared.images.splits import used_splits
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store
from components.shared.storage.names import named


@dataclass(frozen=True, slots=True)
class Source:
    """One image of the source.

    Attributes:
        path: `<split>/<wnid>/<file>`, unique.
        uri: The file that holds it, as it can be printed.
        row: Its row in a parquet file; -1: it is in none.
        number: Its row among those of all parts.
    """

    path: str
    uri: str
    row: int = -1
    number: int = -1

    @property
    def split(self) -> str:
        """The source's own name of the split."""
        return self.path.split("/")[0]

    @property
    def wnid(self) -> str:
        """The class."""
        return self.path.split("/")[1]

    @property
    def is_unlabelled(self) -> bool:
        """Whether its class is to come from a list: it stands in no path yet."""
        return self.path.count("/") == 1

    @property
    def reading_order(self) -> tuple[str, int, str]:
        """Key that sorts by path, but rows of parquet files as they lie, to be read once."""
        return (self.uri, self.row, "") if self.row >= 0 else ("", -1, self.path)


@dataclass(frozen=True)
class Listing:
    """What lies below an address.

    Attributes:
        images: All images, by path.
        ignored: Hidden and system files, and files that lie beside the split or class folders.
        wnids: Classes that have a folder or a tar, be it empty.
        nameless: Places, as they can be printed, of images whose names are no UTF-8.
        without_image: Names in the list of classes whose images are not there.
    """

    images: Sequence[Source]
    ignored: Sequence[str]
    wnids: Collection[str]
    nameless: Sequence[str] = ()
    without_image: Sequence[str] = ()


def listing_of(config: ImagesSettings, rows: pa.Table, facts: PartFacts) -> Listing:
    """Put together what all parts found.

    Args:
        config: The source.
        rows: Of all parts' images, in any order.
        facts: What else they found.

    Raises:
        ValueError: Nothing is there, an image has no class, or two images have the same path.
    """
    ignored = list(facts.ignored)
    found = list(_images(rows, set(facts.with_folders), ignored))
    unlabelled = sorted((i for i in found if i.is_unlabelled), key=lambda image: image.path)
    images = [image for image in found if not image.is_unlabelled]
    if config.ground_truth_uri and not (unlabelled or facts.has_tables):
        raise ValueError(
            "images_ground_truth_uri is given, but every image has a class: leave it empty."
        )
    truth = _truth(unlabelled, config.ground_truth_uri)
    images += _labelled(unlabelled, truth.classes)
    images.sort(key=lambda image: (image.path, image.uri))
    _check_there(config, images, facts)
    _check_unique(images)
    wnids = {*facts.wnids, *(image.wnid for image in images)}
    return Listing(images, ignored, wnids, sorted(facts.nameless), truth.without_image)


def _images(rows: pa.Table, with_folders: Collection[str], ignored: list[str]) -> Iterator[Source]:
    columns: Iterable[tuple[Any, ...]] = zip(
        *(_values(rows[name]) for name in ("path", "uri", "row")), strict=True
    )
    for number, (path, uri, row) in enumerate(columns):
        image = Source(path, uri, row, number)
        if image.is_unlabelled and uri in with_folders:
            ignored.append(named(path.partition("/")[2]))
        else:
            yield image


def _values(column: pa.ChunkedArray) -> Iterator[Any]:
    """The values of a column, the same text where one is repeated."""
    for chunk in column.chunks:
        if pa.types.is_dictionary(chunk.type):
            texts = chunk.dictionary.to_pylist()
            yield from (texts[code] for code in chunk.indices.to_pylist())
        else:
            yield from chunk.to_pylist()


def _truth(images: Sequence[Source], ground_truth_uri: str) -> GroundTruth:
    """What the list says of images in no class folder, which come by path."""
    if not images:
        return GroundTruth([])
    first, last = images[0], images[-1]
    if first.split != last.split:
        raise ValueError(
            f"{_place(first)} and {_place(last)} have images in no class folder, but "
            "images_ground_truth_uri is one split's: move the others away."
        )
    return read_ground_truth(ground_truth_uri, [image.path for image in images])


def _labelled(images: Sequence[Source], wnids: Sequence[str]) -> Iterator[Source]:
    for image, wnid in zip(images, wnids, strict=True):
        path = f"{image.split}/{wnid}/{image.path.partition('/')[2]}"
        yield Source(path, image.uri, image.row, image.number)


def _place(source: Source) -> str:
    return f"{source.uri} ({source.path})"


def _check_there(config: ImagesSettings, images: Sequence[Source], facts: PartFacts) -> None:
    """Refuse an archive in the place of a split's folder: nothing else tells of its images."""
    there = {source.split for source in images}
    uri = store.shown(config.uri)
    for path, split in facts.archives.items():
        if not images or split in used_splits(config) - there:
            raise ValueError(f"{uri} has the archive {path!r}: {UNPACK}.")
    if not (images or facts.wnids or facts.nameless):
        raise ValueError(f"{uri} has no image: {RIGHT_LAYOUT}.")


def _check_unique(sources: Sequence[Source]) -> None:
    for one, other in pairwise(sources):
        if one.path == other.path:
            raise ValueError(f"{one.path} is in both {one.uri} and {other.uri}: remove one.")
