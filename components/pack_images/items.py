"""What lies below an address, before and after a layout has recognised it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from components.shared.images.parts import RIGHT_LAYOUT
from components.shared.images.splits import split_named
from components.shared.storage import store
from components.shared.storage.names import named


@dataclass(frozen=True, slots=True)
class Item:
    """A file below images_uri, or a member of a tar there, before it is known what it is.

    Attributes:
        path: Below images_uri; of a member, as the tar writes it.
        uri: The file that holds it.
        offset: Its first byte in that file.
        length: Its bytes; -1: the whole file.
        tar: Path below images_uri of the tar that holds it; empty: it is a file of its own.
        inside: Path, in that tar, of the class tar that holds it; empty: none does.
        is_folder: Whether it is a folder, as only tars tell; a class tar in a tar is one too.
    """

    path: str
    uri: str
    offset: int = 0
    length: int = -1
    tar: str = ""
    inside: str = ""
    is_folder: bool = False

    @property
    def parts(self) -> list[str]:
        """The folders on the way, and the name."""
        return self.path.split("/")

    @property
    def place(self) -> str:
        """Where it is, for people."""
        uri = store.shown(self.uri)
        return f"{uri} ({named(self.path)})" if self.tar else uri

    @property
    def told(self) -> str:
        """The beginning of a sentence that complains about it."""
        there = f"{store.shown(self.uri)} has the member" if self.tar else "There is the image"
        return f"{there} {self.path!r}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the parameters say about the source.

    Attributes:
        splits: Names of splits that are never translated.
        ground_truth_uri: Classes of images in no class folder, or of numbered labels.
    """

    splits: Collection[str] = ()
    ground_truth_uri: str = ""

    def split(self, name: str) -> str:
        """The split that the name of a file or folder stands for."""
        return split_named(name, self.splits)


@dataclass(frozen=True, slots=True)
class Found:
    """What an item is; each text is empty where the layout does not tell it.

    With a split, a class and a file it is an image; without the class, an image that a list
    gives one; with the class alone, a class that may have no image; with the split alone, a file
    of many images with labels. With nothing it is no image, and ignored.

    Attributes:
        split: The split, translated.
        wnid: The class.
        file: The image's name in its class.
        origin: What all sources of one split must share.
        is_tar: Whether its members are items of their own.
        is_loose: Whether it is an image only where the tar around it has no folders.
    """

    split: str = ""
    wnid: str = ""
    file: str = ""
    origin: str = ""
    is_tar: bool = False
    is_loose: bool = False


IGNORED = Found()
Layout = Callable[[Item, Asked], Found | None]
"""Says what an item is; None: it lies in another layout."""


def check_parts(item: Item, *parts: str) -> None:
    """Check the names that become an image's path.

    Raises:
        ValueError: One is empty or leads elsewhere.
    """
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{item.told}: {RIGHT_LAYOUT}.")
