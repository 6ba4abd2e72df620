"""Opens the images before a run as the stage will: of each split the first that are found.

Nothing is listed to its end, and of a tar or a parquet file the beginning is read, so that a wrong
layout, a broken file and images that nothing opens are told within seconds, of millions too. What
only the whole tells, such as a class without images, is left to the stage.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from components.pack_images.items import Asked, Found, Item
from components.pack_images.listing import Source, is_image_name
from components.pack_images.parquet import read_columns
from components.pack_images.recoding import reason_of, recoded, without_warnings_of_pil
from components.pack_images.sources import item_of, members_of, recognise, source_of
from components.pack_images.tables import list_tables
from components.pack_images.tars import TAR, class_of
from components.shared.images.ground_truth import read_list
from components.shared.images.splits import RELEASED_SPLITS, check_known, used_splits
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store
from components.shared.storage.names import is_named

FILES_LOOKED_AT = 1000
"""Below an address, and of the members of a tar."""
TARS_OPENED = 20
IMAGES_TRIED = 20
"""The stage leaves a broken image out; so many in a row are no accident."""


@dataclass(frozen=True)
class _Look:
    """What is looked for and what has been found: splits with an image, and images without one."""

    config: ImagesSettings
    asked: Asked
    terms: Mapping[str, Sequence[str]]
    opened: set[str] = field(default_factory=set)
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def look_at_images(config: ImagesSettings, terms: Mapping[str, Sequence[str]]) -> None:
    """Decode an image of each split that is found at once.

    Args:
        config: Where the images are, and which.
        terms: The taxonomy's terms of each synset, by wnid.

    Raises:
        ValueError: A file is broken, lies in no layout or in a split that is not used, or none of a
            split's first images can be read; it is named.
    """
    look = _Look(config, Asked(used_splits(config), config.ground_truth_uri), terms)
    with without_warnings_of_pil():
        places = _places_of_splits(config.uri, look.asked)
        for place, split in places.items():
            _look_below(look, place, split)
        _look_below(look, config.uri, elsewhere=tuple(places))


def look_at_list(config: ImagesSettings) -> None:
    """Parse the list of classes of images without class folders, where there is one.

    Raises:
        ValueError: It has none of the forms; file and line are named.
    """
    if config.ground_truth_uri:
        read_list(config.ground_truth_uri)


def class_names(config: ImagesSettings) -> frozenset[str]:
    """Find the classes that the names of folders and tars tell; those of tables are in no name.

    Args:
        config: Where the images are, and their splits.

    Raises:
        ValueError: Nothing is there, or a file lies in no layout.
    """
    asked = Asked(used_splits(config), config.ground_truth_uri)
    items = (item_of(config.uri, file) for file in store.found_files(config.uri))
    return frozenset(wnid for item in items for wnid in _classes_of(item, asked))


def _classes_of(item: Item, asked: Asked) -> Iterator[str]:
    found = recognise(item, asked)
    wnid = class_of(item.path) or (found.wnid if found else "")
    if wnid:
        yield wnid
    elif found and found.is_tar:
        for member in members_of(item):
            yield from _classes_of(member, asked)


def _places_of_splits(uri: str, asked: Asked) -> dict[str, str]:
    """The folders and tars that are there by the name of a split, with that split."""
    if store.is_web(uri):
        return {}
    names = sorted({*asked.splits, *RELEASED_SPLITS})
    splits = {name: asked.split(name) for name in names if asked.split(name) in asked.splits}
    places = {
        store.join(uri, name + ending): split
        for name, split in splits.items()
        for ending in ("", TAR)
    }
    return {place: split for place, split in places.items() if store.exists(place)}


def _look_below(look: _Look, place: str, split: str = "", elsewhere: tuple[str, ...] = ()) -> None:
    """Look at the files of a place.

    Args:
        look: What is looked for.
        place: A file or a folder.
        split: The one whose images are there; empty: any may be.
        elsewhere: Places in it that have been looked at.
    """
    tars = 0
    for file in islice(store.found_files(place), FILES_LOOKED_AT):
        if split in look.opened or tars == TARS_OPENED:
            return
        item = item_of(look.config.uri, file)
        if file in elsewhere or file.startswith(tuple(f"{one}/" for one in elsewhere)):
            continue
        found = recognise(item, look.asked)
        if found and (found.is_tar or found.split not in look.opened):
            tars += found.is_tar
            # The first that can be read is enough; those before it are noted.
            any(_can_be_read(look, image) for image in _images(look, item, found))


def _images(look: _Look, item: Item, found: Found) -> Iterator[Source]:
    """The images of a file, of the classes that are wanted, as far as they are looked at."""
    if found.is_tar:
        for member in islice(members_of(item), FILES_LOOKED_AT):
            known = recognise(member, look.asked)
            if known is not None and _is_sure(look, member, known):
                yield from _images(look, member, known)
    elif found.file:
        if _is_wanted(look.config, found.wnid) and is_named(found.split + found.wnid + found.file):
            yield source_of(item, found)
    elif found.split and not found.wnid:
        yield from islice(_rows(look, found.split, item.uri), FILES_LOOKED_AT)


def _is_sure(look: _Look, member: Item, found: Found) -> bool:
    """Whether a member is an image whatever else the tar holds."""
    has_list = bool(look.asked.ground_truth_uri)
    return not found.is_loose or (has_list and is_image_name(member.path))


def _is_wanted(config: ImagesSettings, wnid: str) -> bool:
    return not (wnid and config.classes) or wnid in {*config.classes, *config.unseen}


def _rows(look: _Look, split: str, uri: str) -> Iterator[Source]:
    if look.asked.ground_truth_uri:
        # Whether the list is of the labels, or of images in another file, all files tell together.
        read_columns(uri)
        return iter([Source(f"{split}/0", uri, row=0)])
    rows = list_tables([(split, uri)], look.terms)
    return (row for row in rows if _is_wanted(look.config, row.wnid))


def _can_be_read(look: _Look, image: Source) -> bool:
    check_known(image.path, look.asked.splits)
    result = recoded(look.config, image.read).data
    if not isinstance(result, Exception):
        look.opened.add(image.split)
        return True
    broken = look.broken[image.split]
    broken.append(f"{image.path}: {reason_of(result)}")
    if len(broken) == IMAGES_TRIED:
        raise ValueError(
            f"{store.shown(look.config.uri)}: none of the first {IMAGES_TRIED} images of the split "
            f"{image.split!r} can be read ({broken[0]}): replace them."
        )
    return False
