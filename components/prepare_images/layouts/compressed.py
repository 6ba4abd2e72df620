"""Compressed tars, in which no image can be read without all that lie before it."""

from components.prepare_images.items import Asked, Found, Item
from components.prepare_images.tars import COMPRESSED_TARS


def compressed_tar(item: Item, _asked: Asked) -> Found | None:
    """`train.tar.gz` and the like, which are refused.

    Raises:
        ValueError: The file is one.
    """
    if not item.tar and item.path.endswith(COMPRESSED_TARS):
        raise ValueError(f"{item.uri} is compressed: decompress it to a plain .tar first.")
    return None
