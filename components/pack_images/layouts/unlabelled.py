"""Images without class folders, `<split>/<file>` or `<split>.tar`, such as ILSVRC's validation.

Their classes stand in images_ground_truth_uri (see `ground_truth`).
"""

from components.pack_images.items import Asked, Found, Item, check_parts
from components.pack_images.listing import is_image_name
from components.pack_images.tars import stem
from components.shared.images.parts import RIGHT_LAYOUT


def unlabelled(item: Item, asked: Asked) -> Found | None:
    """An image in a split's folder, or a file at the top of a tar, that has no class folder.

    What is at the top of a tar is only an image where the tar has no folders.
    """
    if item.is_folder:
        return None
    if item.tar and len(item.parts) == 1:
        return _found(asked.split(stem(item.tar)), item, is_loose=True)
    if len(item.parts) == 2 and is_image_name(item.path) and asked.ground_truth_uri:
        split = asked.split(item.parts[0])
        check_parts(item, split, item.parts[1])
        return _found(split, item, is_loose=False)
    return None


def _found(split: str, item: Item, is_loose: bool) -> Found:
    origin = f"unlabelled {item.uri if item.tar else split}"
    return Found(split, file=item.parts[-1], origin=origin, is_loose=is_loose)


def check_loose(item: Item, found: Found, asked: Asked) -> None:
    """Check an image at the top of a tar without folders.

    Raises:
        ValueError: No list gives it a class, or its name leads elsewhere.
    """
    if not asked.ground_truth_uri:
        raise ValueError(
            f"{item.told} in no class folder: {RIGHT_LAYOUT}, or give the classes in "
            "images_ground_truth_uri."
        )
    check_parts(item, found.split, found.file)
