"""What lies below an address: images with their classes and splits, and where their bytes are."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from components.prepare_images.parquet import read_images
from components.shared.storage import store

WNID = re.compile(r"n\d{8}")
IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")
FALL11 = "fall11"
RELEASED_SPLITS = {
    "ILSVRC2012_img_train": "train",
    "ILSVRC2012_img_val": "val",
    "fall11_whole": FALL11,
    "validation": "val",
    "valid": "val",
}
"""Names that published data sets give their splits, and what they are here."""


@dataclass(frozen=True, slots=True)
class Source:
    """One image of the source.

    Attributes:
        path: `<split>/<wnid>/<file>`, unique.
        uri: the file that holds it.
        offset: its first byte in that file.
        length: its bytes; -1: the whole file.
        row: its row in a parquet file; -1: it is in none.
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
            ValueError: the tar ends before it does.
        """
        if self.row >= 0:
            return next(read_images(self.uri, [self.row]))
        if self.length < 0:
            with store.open_read(self.uri) as stream:
                return stream.read()
        data = store.read_range(self.uri, self.offset, self.length)
        if len(data) != self.length:
            raise ValueError(f"{self.uri} ends inside its member {self.path}: fetch it again.")
        return data


@dataclass
class Listing:
    """What lies below an address.

    Attributes:
        images: all images, by path.
        ignored: hidden files, and files that lie beside the split folders.
        wnids: classes that have a folder or a tar, be it empty.
        unlabelled: images that only a ground-truth list gives a class; path `<split>/<file>`.
    """

    images: list[Source] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    wnids: set[str] = field(default_factory=set)
    unlabelled: list[Source] = field(default_factory=list)
    _origins: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, source: Source) -> None:
        """Take in an image whose path holds split and class."""
        self.images.append(source)
        self.wnids.add(source.wnid)

    def claim(self, split: str, origin: str, place: str) -> None:
        """Note where a split's images come from: from one kind of source only.

        Args:
            split: name of the split.
            origin: what all sources of one split must share.
            place: an address to name in the error.

        Raises:
            ValueError: the split has images of another origin, which may be the same images.
        """
        known, first = self._origins.setdefault(split, (origin, place))
        if known != origin:
            raise ValueError(
                f"The split {split!r} comes from two sources, {first} and {place}: keep one of "
                "them in images_uri."
            )


def split_named(name: str, splits: Collection[str]) -> str:
    """The split that a file or folder name stands for.

    Args:
        name: such as "train", "ILSVRC2012_img_train" or "validation".
        splits: names that the parameters use; these are never translated.
    """
    return name if name in splits else RELEASED_SPLITS.get(name, name)


def is_image_name(path: str) -> bool:
    """Whether a file's name is that of an image."""
    return path.lower().endswith(IMAGE_SUFFIXES)


def is_hidden(path: str) -> bool:
    """Whether a file or a folder on the way to it is hidden."""
    return any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))
