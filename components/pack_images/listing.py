"""One image of the source, and where its bytes are."""

import errno
from dataclasses import dataclass

from components.pack_images.parquet import given, read_images
from components.shared.images.limits import MILLION, MOST_MEGABYTES, BadImage, check_bytes
from components.shared.storage import store

OF_THE_MACHINE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What every file would fail with."""
IMAGE_SUFFIXES = (".jpeg", ".jpg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Source:
    """One image of the source.

    Attributes:
        path: `<split>/<wnid>/<file>`; `<split>/<file>` where a list has its class.
        uri: The file that holds it.
        offset: Its first byte in that file.
        length: Its bytes; -1: the whole file.
        row: Its row in a parquet file; -1: it is in none.
        size: Its bytes as they are listed; 0: that is not known before it is read.
    """

    path: str
    uri: str
    offset: int = 0
    length: int = -1
    row: int = -1
    size: int = 0

    @property
    def split(self) -> str:
        """The source's own name of the split."""
        return self.path.split("/")[0]

    @property
    def wnid(self) -> str:
        """The class; empty: a list has it."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 2 else ""

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
        except OSError as error:
            if error.errno in OF_THE_MACHINE:
                raise
            raise BadImage(f"it cannot be read: {error.strerror}") from error
    with store.open_read(uri) as stream:
        data = stream.read(MOST_MEGABYTES * MILLION + 1)
    check_bytes(len(data))
    return data


def is_image_name(path: str) -> bool:
    """Whether a file's name is that of an image."""
    return path.lower().endswith(IMAGE_SUFFIXES)
