"""A tar a split, `<split>.tar`, that begins with the class folders: `<wnid>/<file>`."""

from components.pack_images.items import Asked, Found, Item, check_parts
from components.pack_images.tars import TAR, stem
from components.shared.wnids import is_wnid


def split_tar(item: Item, asked: Asked) -> Found | None:
    """A tar, whatever it holds; and in it class folders with their images.

    Raises:
        ValueError: An image's name leads elsewhere.
    """
    if not item.tar:
        return Found(is_tar=True) if item.path.endswith(TAR) else None
    wnid, *below = item.path.rstrip("/").split("/")
    if not is_wnid(wnid):
        return None
    if item.is_folder:
        return Found(wnid=wnid)
    if len(below) != 1:
        return None
    check_parts(item, *below)
    return Found(asked.split(stem(item.tar)), wnid, below[0], f"class folders of {item.uri}")
