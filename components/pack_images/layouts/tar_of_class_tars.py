"""A tar of class tars, `<split>.tar`, such as ILSVRC2012_img_train.tar."""

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.class_tars import image_of_class
from components.pack_images.tars import class_of, stem


def tar_of_class_tars(item: Item, asked: Asked) -> Found | None:
    """A class tar in a tar, and its images; its folder, or else the tar, names the split.

    Raises:
        ValueError: A class tar holds something other than its images.
    """
    if item.is_folder:
        wnid = class_of(item.path)
        return Found(wnid=wnid) if wnid else None
    if not item.inside:
        return None
    folder = item.inside.rpartition("/")[0].rpartition("/")[2]
    split = asked.split(folder or stem(item.tar))
    return image_of_class(item, class_of(item.inside), split, f"class tars {item.uri}")
