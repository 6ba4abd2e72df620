"""What lies below an address: images with their classes and splits, and where their bytes are."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from components.pack_images.parquet import given, read_images
from components.shared.images.limits import MILLION, MOST_MEGABYTES, BadImage, check_bytes
from components.shared.storage import store

WNID = re.compile(r"n\d{8}")
IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
FALL11 = "fall11"
RELEASED_SPLITS = {
    "ILSVRC2012_img_train": "train",
    "ILSVRC2012_img_val": "val",
    "fall11_whole": FALL11,
    "training": "train",
    "validation": "val",
    "valid": "val",
}
"""Names that published data sets give their splits, and what they are here."""


@dataclass(frozen=True, slots=True)
class Source:
    """One image of the source.

    Attributes:
        path: `<split>/<wnid>/<file>`, unique.
        uri: The file that holds it.
        offset: Its first byte in that file.
        length: Its bytes; -1: the whole file.
        row: Its row in a parquet file; -1: it is in none.
    """

    path: str
    uri: str
    offset: int = 0
    length: int = -1
    row: int = -1

    @property
    def split(self) -> str:
        """The source's own name of the split."""
        return self.path.split("/")[0]

    @property
    def wnid(self) -> str:
        """The class."""
        return self.path.split("/")[1]

    @property
    def reading_order(self) -> tuple[str, int, str]:
        """Key that sorts by path, but rows of parquet files as they lie, to be read once."""
        return (self.uri, self.row, "") if self.row >= 0 else ("", -1, self.path)

    def read(self) -> bytes:
        """The encoded image.

        Raises:
            BadImage: It alone cannot be read, or is no image by its size.
            ValueError: The tar ends before it does.
        """
        if self.row >= 0:
            return given(next(read_images(self.uri, [self.row])))
        if self.length < 0:
            return _read_file(self.uri)
        check_bytes(self.length)
        data = store.read_range(self.uri, self.offset, self.length)
        if len(data) != self.length:
            raise ValueError(f"{self.uri} ends inside its member {self.path}: fetch it again.")
        return data


def _read_file(uri: str) -> bytes:
    if path := store.local_path(uri):
        try:
            check_bytes(path.stat().st_size)
            return path.read_bytes()
        except PermissionError as error:
            raise BadImage(f"it cannot be read: {error.strerror}") from error
    with store.open_read(uri) as stream:
        data = stream.read(MOST_MEGABYTES * MILLION + 1)
    check_bytes(len(data))
    return data


@dataclass(frozen=True)
class Listing:
    """What lies below an address.

    Attributes:
        images: All images, by path.
        ignored: Hidden and system files, and files that lie beside the split or class folders.
        wnids: Classes that have a folder or a tar, be it empty.
        nameless: Places, as they can be printed, of images whose names are no UTF-8.
    """

    images: Sequence[Source]
    ignored: Sequence[str]
    wnids: Collection[str]
    nameless: Sequence[str] = ()


def split_named(name: str, splits: Collection[str]) -> str:
    """The split that a file or folder name stands for.

    Args:
        name: Such as "train", "ILSVRC2012_img_train" or "validation".
        splits: Names that the parameters use; these are never translated.
    """
    if name in splits:
        return name
    small = name.lower()
    known = RELEASED_SPLITS.get(name) or RELEASED_SPLITS.get(small)
    return known or (small if small in splits else name)


def is_image_name(path: str) -> bool:
    """Whether a file's name is that of an image."""
    return path.lower().endswith(IMAGE_SUFFIXES)
