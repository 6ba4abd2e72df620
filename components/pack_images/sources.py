"""Where the images are, in the layouts that people have, none of which is ever unpacked.

Below images_uri, a folder or an s3:// prefix, or as its only file, in any of `LAYOUTS`. A layout
is added by a module in `layouts` and an entry in that list.

Published names of splits are translated: ILSVRC2012_img_train is `train`; ILSVRC2012_img_val,
`validation` and `valid` are `val`, `training` is `train`, fall11_whole is `fall11`; a name that the
parameters use stays, and is meant in capitals too.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from components.pack_images.items import RIGHT_LAYOUT, Asked, Found, Item, Layout
from components.pack_images.layouts.beside import (
    beside_the_classes,
    beside_the_splits,
    hidden_or_known,
)
from components.pack_images.layouts.class_folders import class_folder, local_class_folders
from components.pack_images.layouts.class_tars import class_tar
from components.pack_images.layouts.compressed import UNPACK, archive, compressed_tar, is_archive
from components.pack_images.layouts.hub_parquet import hub_parquet
from components.pack_images.layouts.split_tars import split_tar
from components.pack_images.layouts.tar_of_class_tars import tar_of_class_tars
from components.pack_images.layouts.unlabelled import check_loose, unlabelled
from components.pack_images.listing import Listing, Source, is_image_name
from components.pack_images.parquet import PARQUET
from components.pack_images.tables import list_tables
from components.pack_images.tars import TAR, tar_members
from components.shared.images.ground_truth import read_ground_truth, read_wnids
from components.shared.storage import store
from components.shared.storage.names import is_named, named
from components.shared.storage.patterns import below

LAYOUTS: tuple[Layout, ...] = (
    hidden_or_known,
    compressed_tar,
    archive,
    tar_of_class_tars,
    class_tar,
    split_tar,
    hub_parquet,
    beside_the_splits,
    unlabelled,
    beside_the_classes,
    class_folder,
)
"""Asked in this order; the first that knows an item says what it is."""


@dataclass(frozen=True)
class _Gathered:
    """What has been found so far; `origins`: origin and first place of each split's images."""

    images: list[Source] = field(default_factory=list)
    unlabelled: list[Source] = field(default_factory=list)
    tables: list[tuple[str, str]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    wnids: set[str] = field(default_factory=set)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)


def find_images(
    uri: str,
    splits: Collection[str] = (),
    ground_truth_uri: str = "",
    terms: Mapping[str, Sequence[str]] | None = None,
) -> Listing:
    """List all images below an address: a folder, an s3:// prefix, a tar or a parquet file.

    Args:
        uri: The address.
        splits: Names of splits that are not translated.
        ground_truth_uri: Classes of images in no class folder, or the wnids of the numbered
            labels of parquet files.
        terms: Terms of each synset by wnid, to resolve the class names of parquet files.

    Raises:
        ValueError: Nothing is there, a path has another layout, a file is broken or compressed,
            an image has no class, a split comes from two sources, or two images have the same
            path.
    """
    asked, gathered = Asked(splits, ground_truth_uri), _Gathered()
    files = _files(uri, gathered)
    for file in files:
        _take(item_of(uri, file), asked, gathered)
    images = sorted(_all_images(gathered, asked, terms or {}), key=lambda source: source.path)
    _check_archives(uri, images, asked, gathered)
    _check_unique(images)
    wnids = gathered.wnids.union(source.wnid for source in images)
    wnids |= local_class_folders(uri, files, (TAR, PARQUET))
    return Listing(images, gathered.ignored, wnids, gathered.nameless)


def item_of(uri: str, file: str) -> Item:
    """A file that was found below an address."""
    return Item(below(uri, file) or file.rpartition("/")[2], file)


def _files(uri: str, gathered: _Gathered) -> list[str]:
    listed = store.listed(uri)
    gathered.ignored.extend(listed.passed_over)
    return [state.uri for state in listed.files]


def _check_archives(uri: str, images: Sequence[Source], asked: Asked, gathered: _Gathered) -> None:
    """Refuse an archive in the place of a split's folder: nothing else tells of its images."""
    there = {source.split for source in images}
    for path in filter(is_archive, gathered.ignored):
        split = asked.split(path.rpartition("/")[2].rpartition(".")[0])
        if not images or split in set(asked.splits) - there:
            raise ValueError(f"{store.shown(uri)} has the archive {path!r}: {UNPACK}.")
    if not (images or gathered.wnids or gathered.nameless):
        raise ValueError(f"{store.shown(uri)} has no image: {RIGHT_LAYOUT}.")


def recognise(item: Item, asked: Asked) -> Found | None:
    """What the first layout that knows the item says; None: a folder of no meaning.

    Raises:
        ValueError: No layout has such an item.
    """
    answers = (layout(item, asked) for layout in LAYOUTS)
    return next((found for found in answers if found is not None), None)


def _take(item: Item, asked: Asked, gathered: _Gathered) -> None:
    found = recognise(item, asked)
    if found is None:
        return
    if found.is_tar:
        _take_members(item, asked, gathered)
    _gather(item, found, gathered)


def _take_members(tar: Item, asked: Asked, gathered: _Gathered) -> None:
    loose: list[tuple[Item, Found]] = []
    has_folders = False
    for member in members_of(tar):
        found = recognise(member, asked)
        if found is not None and found.is_loose:
            loose.append((member, found))
        elif found is not None:
            has_folders |= bool(found.file)
            _gather(member, found, gathered)
    for member, found in loose:
        if has_folders or not is_image_name(member.path):
            gathered.ignored.append(named(member.path))
        else:
            check_loose(member, found, asked)
            _gather(member, found, gathered)


def members_of(tar: Item) -> Iterator[Item]:
    """The files and folders in a tar, as they lie.

    Raises:
        ValueError: It is broken, or one is a link or another special file.
    """
    for member in tar_members(tar.uri):
        place = (tar.uri, member.offset, member.size)
        yield Item(member.name, *place, tar.path, member.inside, member.is_folder)


def _gather(item: Item, found: Found, gathered: _Gathered) -> None:
    """Take in what has been found, by what is known of it."""
    if (found.file or found.wnid) and not is_named(f"{found.split}{found.wnid}{found.file}"):
        gathered.nameless.append(named(item.path))
        return
    if found.split:
        _claim(item, found, gathered.origins)
    if found.file:
        images = gathered.images if found.wnid else gathered.unlabelled
        images.append(source_of(item, found))
    elif found.wnid:
        gathered.wnids.add(found.wnid)
    elif found.split:
        gathered.tables.append((found.split, item.uri))
    elif not found.is_tar:
        gathered.ignored.append(named(item.path))


def source_of(item: Item, found: Found) -> Source:
    """The image that an item is found to be; without a class its path has none."""
    parts = filter(None, (found.split, found.wnid, found.file))
    return Source("/".join(parts), item.uri, item.offset, item.length)


def _claim(item: Item, found: Found, origins: dict[str, tuple[str, str]]) -> None:
    """Note where a split's images come from: from one kind of source only."""
    known, first = origins.setdefault(found.split, (found.origin, item.place))
    if known != found.origin:
        raise ValueError(
            f"The split {found.split!r} comes from two sources, {first} and {item.place}: keep "
            "one of them in images_uri."
        )


def _all_images(
    gathered: _Gathered, asked: Asked, terms: Mapping[str, Sequence[str]]
) -> Iterator[Source]:
    """Images with their classes, where these are to be read from labels or a list too."""
    yield from gathered.images
    wnids = _wnids_by_number(gathered, asked)
    yield from list_tables(gathered.tables, terms, wnids, asked.ground_truth_uri)
    yield from _labelled(gathered.unlabelled, asked.ground_truth_uri)


def _wnids_by_number(gathered: _Gathered, asked: Asked) -> list[str]:
    """The classes of numbered labels, where the ground-truth list is one of them."""
    if not asked.ground_truth_uri or gathered.unlabelled:
        return []
    if not gathered.tables:
        raise ValueError(
            "images_ground_truth_uri is given, but every image has a class: leave it empty."
        )
    return read_wnids(asked.ground_truth_uri)


def _labelled(sources: Sequence[Source], ground_truth_uri: str) -> Iterator[Source]:
    images = sorted(sources, key=lambda source: source.path)
    if not images:
        return
    first, last = images[0], images[-1]
    if first.split != last.split:
        raise ValueError(
            f"{_place(first)} and {_place(last)} have images in no class folder, but "
            "images_ground_truth_uri is one split's: move the others away."
        )
    wnids = read_ground_truth(ground_truth_uri, [source.path for source in images])
    for source, wnid in zip(images, wnids, strict=True):
        path = f"{source.split}/{wnid}/{source.path.partition('/')[2]}"
        yield Source(path, source.uri, source.offset, source.length)


def _place(source: Source) -> str:
    return source.uri if source.length < 0 else f"{source.uri} ({source.path})"


def _check_unique(sources: Sequence[Source]) -> None:
    for one, other in pairwise(sources):
        if one.path == other.path:
            raise ValueError(f"{one.path} is in both {one.uri} and {other.uri}: remove one.")
