"""Where the images are, in the layouts that people have, none of which is ever unpacked.

Below images_uri, a folder or an s3:// prefix, or as its only file, in any of `LAYOUTS`. A layout
is added by a module in `layouts` and an entry in that list.

Published names of splits are translated: ILSVRC2012_img_train is `train`; ILSVRC2012_img_val,
`validation` and `valid` are `val`, `training` is `train`, fall11_whole is `fall11`; a name that the
parameters use stays, and is meant in capitals too.
"""

from collections.abc import Iterator

from components.pack_images.items import Asked, Found, Item, Layout
from components.pack_images.layouts.beside import (
    beside_the_classes,
    beside_the_splits,
    hidden_or_known,
)
from components.pack_images.layouts.class_folders import class_folder
from components.pack_images.layouts.class_tars import class_tar
from components.pack_images.layouts.compressed import archive, compressed_tar
from components.pack_images.layouts.hub_parquet import hub_parquet
from components.pack_images.layouts.split_tars import split_tar
from components.pack_images.layouts.tar_of_class_tars import tar_of_class_tars
from components.pack_images.layouts.unlabelled import unlabelled
from components.pack_images.listing import Source
from components.pack_images.tars import Member, tar_members
from components.shared.images.parts import PartFacts
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


def item_of(uri: str, file: str) -> Item:
    """A file that was found below an address."""
    return Item(below(uri, file) or file.rpartition("/")[2], file)


def recognise(item: Item, asked: Asked) -> Found | None:
    """What the first layout that knows the item says; None: a folder of no meaning.

    Raises:
        ValueError: No layout has such an item.
    """
    answers = (layout(item, asked) for layout in LAYOUTS)
    return next((found for found in answers if found is not None), None)


def members_of(tar: Item) -> Iterator[Item]:
    """The files and folders in a tar, as they lie.

    Raises:
        ValueError: It is broken, or one is a link or another special file.
    """
    return (item_in(tar, member) for member in tar_members(tar.uri))


def item_in(tar: Item, member: Member) -> Item:
    """A file or folder in a tar."""
    place = (tar.uri, member.offset, member.size)
    return Item(member.name, *place, tar.path, member.inside, member.is_folder)


def source_of(item: Item, found: Found) -> Source:
    """The image that an item is found to be; without a class its path has none."""
    parts = filter(None, (found.split, found.wnid, found.file))
    return Source("/".join(parts), item.uri, item.offset, item.length)


def note(item: Item, found: Found, facts: PartFacts) -> Source | None:
    """Take in what has been found, by what is known of it.

    Args:
        item: A file or a member.
        found: What it is.
        facts: Of the source; what is no image is noted there.

    Returns:
        The image that it is; None: it is none, or its name cannot be kept.

    Raises:
        ValueError: Its split comes from another kind of source too.
    """
    if (found.file or found.wnid) and not is_named(f"{found.split}{found.wnid}{found.file}"):
        facts.nameless.append(named(item.path))
        return None
    if found.split:
        facts.claim(found.split, found.origin, item.place)
    if found.file:
        return source_of(item, found)
    if found.wnid:
        facts.wnids.append(found.wnid)
    elif not (found.split or found.is_tar):
        facts.ignored.append(named(item.path))
    return None
