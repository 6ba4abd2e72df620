"""Encoded images, of any kind that people have, as RGB arrays.

Packed images are plain RGB JPEG, which libjpeg-turbo decodes several times faster than PIL. What
is not (ImageNet has PNG named .JPEG, CMYK, grey and rotated images) goes through PIL.
"""

import io
import struct
import zlib

import numpy as np
import simplejpeg
from PIL import Image, ImageOps

JPEG_START = b"\xff\xd8"
EXIF_MARK = b"Exif\x00\x00"
HEADER_BYTES = 1 << 16
ORIENTATION_TAG, UPRIGHT = 0x0112, 1

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
    Image.DecompressionBombError,
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
    with Image.open(io.BytesIO(data)) as image:
        return int(image.getexif().get(ORIENTATION_TAG, UPRIGHT))


def decode_jpeg(data: bytes) -> np.ndarray:
    """Decode a plain JPEG: uint8 [height, width, 3].

    Raises:
        ValueError: It is broken, even where a viewer would show something.
    """
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
    with Image.open(io.BytesIO(data)) as image:
        if short_side:
            image.draft(None, (2 * short_side, 2 * short_side))
        return np.asarray(_as_rgb(ImageOps.exif_transpose(image)))


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def _eight_bits(grey: np.ndarray) -> np.ndarray:
    """Grey values of 16 bits scaled to 0..255; PIL would clip them."""
    scaled: np.ndarray = np.clip(grey, 0, 65535) // 257
    return scaled.astype(np.uint8)
