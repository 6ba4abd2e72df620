"""How large an image may be: known before anything of it is decoded, or read.

A few hundred bytes can say that they are an image of gigabytes. What is larger than any photo is
refused by the size in its header, and all that are decoded at once are no more than one may be.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST_MEGAPIXELS = 120
"""Of an image, and of all that are decoded at the same time."""

MOST_MEGABYTES = 400
"""Of an encoded image, millions of bytes: a little more than so many pixels without compression."""

MILLION = 1_000_000


class BadImage(ValueError):
    """What is wrong with one image alone, and not with the source that it lies in."""


def check_size(width: int, height: int) -> None:
    """Check an image's size as its header has it.

    Args:
        width: Pixels.
        height: Pixels.

    Raises:
        BadImage: It has more than `MOST_MEGAPIXELS`.
    """
    if width * height > MOST_MEGAPIXELS * MILLION:
        raise BadImage(
            f"it has {width:,} x {height:,} pixels, more than {MOST_MEGAPIXELS} megapixels: scale "
            "it down"
        )


def check_bytes(size: int) -> None:
    """Check the size of an encoded image.

    Args:
        size: Its bytes.

    Raises:
        BadImage: It has more than `MOST_MEGABYTES`.
    """
    if size > MOST_MEGABYTES * MILLION:
        raise BadImage(f"it has more than {MOST_MEGABYTES} million bytes: scale it down")


class Room:
    """What many threads share, such as pixels: who asks for more than is left waits."""

    def __init__(self, most: int) -> None:
        """Start with nothing taken of `most`."""
        self.most, self.taken = most, 0
        self._has_changed = threading.Condition()

    def take(self, amount: int) -> None:
        """Wait until there is room; what is larger than all of it has it alone."""
        with self._has_changed:
            self._has_changed.wait_for(lambda: not self.taken or self.taken + amount <= self.most)
            self.taken += amount

    def give_back(self, amount: int) -> None:
        """Leave room to others again."""
        with self._has_changed:
            self.taken -= amount
            self._has_changed.notify_all()

    @contextmanager
    def holding(self, amount: int) -> Iterator[None]:
        """Take while the block lasts."""
        self.take(amount)
        try:
            yield
        finally:
            self.give_back(amount)


PIXELS = Room(MOST_MEGAPIXELS * MILLION)
"""Of the images that are being decoded."""
