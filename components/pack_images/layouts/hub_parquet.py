"""Parquet files of the Hugging Face hub, `data/train-00000-of-00004.parquet` (see `parquet`)."""

from components.pack_images.items import Asked, Found, Item, check_parts
from components.pack_images.parquet import PARQUET, split_of_file


def hub_parquet(item: Item, asked: Asked) -> Found | None:
    """A file of images with their labels.

    Raises:
        ValueError: Its name begins with no split.
    """
    if item.tar or not item.path.endswith(PARQUET):
        return None
    name = split_of_file(item.path)
    check_parts(item, name)
    return Found(asked.split(name), origin=f"parquet {item.path.rpartition('/')[0]} {name}")
