"""Images as they are packed: plain RGB JPEG, upright, of no more than a given short side.

Images are turned upright as their EXIF orientation says, as people see them; many loaders of
ImageNet leave them as they lie, which concerns a few images in ten thousand. An EXIF block that is
broken is dropped, and with it the orientation.
"""

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import simplejpeg
from PIL import Image

from components.pack_images.entries import Entry
from components.shared.execution.threads import in_order, own_cpus
from components.shared.images.decoding import (
    EXIF_MARK,
    JPEG_START,
    UNREADABLE,
    decode_any,
    decode_jpeg,
    is_plain_jpeg,
)
from components.shared.images.limits import MILLION, MOST_MEGABYTES, BadImage, Room
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store

IMAGES_AHEAD = 16
START_OF_SCAN, APP1 = b"\xda", b"\xe1"


@dataclass(frozen=True, slots=True)
class Recoded:
    """What became of an image.

    Attributes:
        data: Its bytes as packed, or what is wrong with it.
        checksum: Of its bytes in the source, 16 bytes; empty where these cannot be read.
    """

    data: bytes | Exception
    checksum: bytes = b""


def recode(data: bytes, short_side: int, quality: int) -> bytes:
    """The same bytes where they are a whole plain JPEG small enough; else encoded again.

    Args:
        data: An encoded image of any kind.
        short_side: Larger images are scaled to it, pixels; smaller ones stay.
        quality: JPEG quality, 1..100.

    Raises:
        Exception: One of `components.shared.images.decoding.UNREADABLE`.
    """
    try:
        return _recode(data, short_side, quality)
    except UNREADABLE:
        plain = without_exif(data)
        if plain == data:
            raise
        return _recode(plain, short_side, quality)


def _recode(data: bytes, short_side: int, quality: int) -> bytes:
    if _may_stay(data, short_side):
        return data
    image = _scaled(decode_any(data, short_side), short_side)
    encoded: bytes = simplejpeg.encode_jpeg(image, quality, colorsubsampling="420")
    return encoded


def without_exif(data: bytes) -> bytes:
    """A JPEG without its EXIF blocks; other bytes as they are."""
    if not data.startswith(JPEG_START):
        return data
    kept, place = [JPEG_START], len(JPEG_START)
    # A segment: 0xff, its kind, its length in two bytes that count themselves, its content.
    while data[place : place + 1] == b"\xff" and data[place + 1 : place + 2] != START_OF_SCAN:
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        segment = data[place:end]
        if segment[1:2] != APP1 or not segment[4:].startswith(EXIF_MARK):
            kept.append(segment)
        place = end
    return b"".join([*kept, data[place:]])


def _may_stay(data: bytes, short_side: int) -> bool:
    if not is_plain_jpeg(data):
        return False
    height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    return min(height, width) <= short_side and _is_whole(data)


def _is_whole(data: bytes) -> bool:
    try:
        decode_jpeg(data)
    except ValueError:
        return False
    return True


def _scaled(image: np.ndarray, short_side: int) -> np.ndarray:
    height, width = image.shape[:2]
    scale = short_side / min(height, width)
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = (round(width * scale), round(height * scale))
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


@contextmanager
def without_warnings_of_pil() -> Iterator[None]:
    """Let PIL read broken EXIF blocks and images of more than 89 megapixels without a warning.

    To be entered before threads decode: filters are those of the whole process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
        warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
        yield


def recode_all(
    config: ImagesSettings, entries: Iterable[Entry]
) -> Iterator[tuple[Entry, Recoded | None]]:
    """Each entry with its image as packed, or with what is wrong with it, in the order given.

    The entries come without what reads them. Threads work on as many images as there are cores, and
    on more where each is waited for: both codecs let go of Python's lock. None: the entry is not to
    be packed.
    """
    bytes_ahead = Room(MOST_MEGABYTES * MILLION)

    def held() -> Iterator[Entry]:
        for entry in entries:
            bytes_ahead.take(entry.held)
            yield entry

    def answer(entry: Entry) -> tuple[Entry, Recoded | None]:
        # What is handed on waits for its turn, and must not keep the bytes meanwhile.
        without_bytes = replace(entry, read=None, held=0)
        try:
            return without_bytes, recoded(config, entry.read) if entry.read else None
        finally:
            bytes_ahead.give_back(entry.held)

    threads = own_cpus() * store.reads_per_core(config.uri)
    return in_order(answer, held(), threads, ahead=threads * IMAGES_AHEAD)


def recoded(config: ImagesSettings, read: Callable[[], bytes]) -> Recoded:
    """An image as it is packed, or what is wrong with it alone.

    Args:
        config: How to pack.
        read: Gives its bytes.

    Raises:
        ValueError: What it lies in is broken.
    """
    try:
        data = read()
    except BadImage as error:
        return Recoded(error)
    checksum = hashlib.blake2b(data, digest_size=16).digest()
    try:
        return Recoded(recode(data, config.short_side, config.quality), checksum)
    except UNREADABLE as error:
        return Recoded(error, checksum)


def reason_of(error: Exception) -> str:
    """Why an image cannot be read, for people."""
    return str(error) if isinstance(error, BadImage) else f"{type(error).__name__}: {error}"
