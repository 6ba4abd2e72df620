"""Encoded images, of any kind that people have, as RGB arrays.

Packed images are plain RGB JPEG, which libjpeg-turbo decodes several times faster than PIL. What
is not (ImageNet has PNG named .JPEG, CMYK, grey and rotated images) goes through PIL, which is told
the formats that it may open: of some others it starts a program, as Ghostscript for EPS.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import simplejpeg
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION

from components.shared.images.grey import bytes_by_range, bytes_of_bits
from components.shared.images.limits import MOST_MEGAPIXELS, PIXELS, BadImage, check_size

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF")
"""What images are stored in, by PIL's names; whatever a file is called, no other is opened."""
JPEG_START = b"\xff\xd8"
EXIF_MARK = b"Exif\x00\x00"
HEADER_BYTES = 1 << 16
ORIENTATION_TAG, UPRIGHT = 0x0112, 1
WHITE_IS_ZERO = 0
MORE_THAN_BYTES = ("I", "F")
"""PIL's modes of grey values that are no bytes begin so."""


UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    RuntimeError,
)
"""What PIL and libjpeg-turbo raise where a file is broken or is no image."""


def decode_rgb(data: bytes) -> np.ndarray:
    """Decode any image: uint8 [height, width, 3], upright as its EXIF orientation says.

    Raises:
        Exception: One of `UNREADABLE`.
    """
    if not is_plain_jpeg(data):
        return decode_any(data)
    try:
        return decode_jpeg(data)
    except ValueError:
        # Stray bytes are an error to libjpeg-turbo's strict mode; PIL refuses only what is cut off.
        return decode_any(data)


def is_plain_jpeg(data: bytes) -> bool:
    """Whether it is a colour JPEG, neither CMYK nor grey, that need not be turned upright."""
    if not data.startswith(JPEG_START):
        return False
    try:
        _, _, colours, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return False
    return colours in ("YCbCr", "RGB") and _orientation(data) == UPRIGHT


def _orientation(data: bytes) -> int:
    if EXIF_MARK not in data[:HEADER_BYTES]:
        return UPRIGHT
    with _opened(data, ("JPEG",)) as image:
        return int(image.getexif().get(ORIENTATION_TAG, UPRIGHT))


def decode_jpeg(data: bytes) -> np.ndarray:
    """Decode a plain JPEG: uint8 [height, width, 3].

    Raises:
        ValueError: It is broken, even where a viewer would show something, or too large.
    """
    height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    check_size(width, height)
    with PIXELS.holding(width * height):
        decoded: np.ndarray = simplejpeg.decode_jpeg(data)
    return decoded


def decode_any(data: bytes, short_side: int = 0) -> np.ndarray:
    """Decode whatever PIL reads: uint8 [height, width, 3].

    Args:
        data: The encoded image.
        short_side: Where given, a much larger JPEG is decoded at a fraction of its size, of at
            least twice this short side, which bounds memory for images of many megapixels.

    Raises:
        Exception: One of `UNREADABLE`.
    """
    with _opened(data, FORMATS) as image, PIXELS.holding(image.width * image.height):
        if short_side:
            image.draft(None, (2 * short_side, 2 * short_side))
        upright = ImageOps.exif_transpose(image)
        if image.mode.startswith(MORE_THAN_BYTES):
            upright = Image.fromarray(_bytes_of_grey(image, np.asarray(upright)))
        return np.asarray(_as_rgb(upright))


@contextmanager
def _opened(data: bytes, formats: tuple[str, ...]) -> Iterator[Image.Image]:
    """The image, of which nothing but the header is read.

    Raises:
        Exception: One of `UNREADABLE`.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError as error:
        # PIL says where in memory the bytes were.
        raise BadImage(f"it is none of {', '.join(formats)}, or is broken") from error
    except Image.DecompressionBombError as error:
        raise BadImage(f"it has more than {MOST_MEGAPIXELS} megapixels ({error})") from error
    with image:
        check_size(*image.size)
        yield image


def _bytes_of_grey(image: Image.Image, values: np.ndarray) -> np.ndarray:
    """Grey values of more than 8 bits as uint8 of the same shape.

    Args:
        image: Where they are from; what its mode leaves open a TIFF's tags tell.
        values: Of its pixels.
    """
    tags = getattr(image, "tag_v2", {})
    if image.mode == "F" or (image.mode == "I" and tags):
        grey = bytes_by_range(values)
    else:
        grey = bytes_of_bits(values, *tags.get(BITSPERSAMPLE, (16,)))
    return ~grey if tags.get(PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO else grey


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")
