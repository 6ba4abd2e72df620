"""What lies beside the images: hidden files, lists, and what ILSVRC is published with."""

import re

from components.prepare_images.items import IGNORED, Asked, Found, Item
from components.prepare_images.listing import is_hidden

_NO_IMAGES = re.compile(r"ILSVRC\d+_(devkit|bbox).*")


def hidden_or_known(item: Item, asked: Asked) -> Found | None:
    """Hidden files, the ground truth, the development kit and the bounding boxes of ILSVRC."""
    if item.is_folder:
        return None
    hidden = is_hidden(item.path)
    return IGNORED if hidden or (not item.tar and _is_known(item, asked)) else None


def _is_known(item: Item, asked: Asked) -> bool:
    return is_no_split(item.parts[0]) or item.uri == asked.ground_truth_uri


def is_no_split(folder: str) -> bool:
    """Whether a folder beside those of the splits is known to hold no images."""
    return _NO_IMAGES.fullmatch(folder) is not None


def beside_the_splits(item: Item, _asked: Asked) -> Found | None:
    """Files that lie in no folder, such as a README."""
    return IGNORED if not item.tar and len(item.parts) == 1 else None
