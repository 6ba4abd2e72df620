"""A tar a class: `<split>/n01440764.tar`; without a folder the split is `fall11`, as 21K comes."""

from components.pack_images.items import Asked, Found, Item, check_parts
from components.pack_images.tars import class_of
from components.shared.images.splits import FALL11


def class_tar(item: Item, asked: Asked) -> Found | None:
    """A class tar that is a file of its own, and the images in it.

    Raises:
        ValueError: It holds something other than its images.
    """
    if not item.tar:
        wnid = class_of(item.path)
        return Found(wnid=wnid, is_tar=True) if wnid else None
    if not class_of(item.tar) or item.inside or item.is_folder:
        return None
    folder = item.tar.rpartition("/")[0]
    split = asked.split(folder.rpartition("/")[2] or FALL11)
    return image_of_class(item, class_of(item.tar), split, f"class tars {folder}")


def image_of_class(item: Item, wnid: str, split: str, origin: str) -> Found:
    """An image in a class tar, which may lie in a folder named by the class.

    Raises:
        ValueError: It is anything else.
    """
    parts = item.parts
    if len(parts) > 2 or (len(parts) == 2 and parts[0] != wnid):
        raise ValueError(f"{item.told}: a class tar holds just its images.")
    check_parts(item, *parts)
    return Found(split, wnid, parts[-1], origin)
