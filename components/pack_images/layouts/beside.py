"""What lies beside the images: system files, lists, and what ILSVRC is published with."""

import re

from components.pack_images.items import IGNORED, Asked, Found, Item
from components.pack_images.listing import is_image_name
from components.shared.storage.passed_over import is_passed_over

_NO_IMAGES = re.compile(r"ILSVRC\d+_(devkit|bbox).*")


def hidden_or_known(item: Item, asked: Asked) -> Found | None:
    """Hidden and system files, the ground truth, ILSVRC's development kit and bounding boxes."""
    if item.is_folder:
        return None
    hidden = is_passed_over(item.path)
    return IGNORED if hidden or (not item.tar and _is_known(item, asked)) else None


def _is_known(item: Item, asked: Asked) -> bool:
    return is_no_split(item.parts[0]) or item.uri == asked.ground_truth_uri


def is_no_split(folder: str) -> bool:
    """Whether a folder beside those of the splits is known to hold no images."""
    return _NO_IMAGES.fullmatch(folder) is not None


def beside_the_splits(item: Item, _asked: Asked) -> Found | None:
    """Files that lie in no folder, such as a README."""
    return IGNORED if not item.tar and len(item.parts) == 1 else None


def beside_the_classes(item: Item, _asked: Asked) -> Found | None:
    """Files beside class folders that no image is called like, such as val_annotations.txt."""
    beside = len(item.parts) == 2 and "" not in item.parts and not item.is_folder
    return IGNORED if beside and not is_image_name(item.path) else None
