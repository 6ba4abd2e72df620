"""Compressed tars and archives of other kinds, whose images are not read as they lie."""

from components.pack_images.items import Asked, Found, Item
from components.pack_images.tars import COMPRESSED_TARS
from components.shared.images.parts import UNPACK

ARCHIVES = (".zip", ".7z", ".rar")


def compressed_tar(item: Item, _asked: Asked) -> Found | None:
    """`train.tar.gz` and the like, which are refused.

    Raises:
        ValueError: The file is one.
    """
    if not item.tar and item.path.endswith(COMPRESSED_TARS):
        raise ValueError(f"{item.uri} is compressed: decompress it to a plain .tar first.")
    return None


def archive(item: Item, _asked: Asked) -> Found | None:
    """`train/n01440764.zip` in the place of a class folder, which is refused.

    Raises:
        ValueError: The file is one.
    """
    if not item.tar and len(item.parts) == 2 and is_archive(item.path):
        raise ValueError(f"{item.place} is an archive: {UNPACK}.")
    return None


def is_archive(path: str) -> bool:
    """Whether a file's name is that of an archive that is no tar."""
    return path.lower().endswith(ARCHIVES)
