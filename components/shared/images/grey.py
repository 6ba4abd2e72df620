"""Grey values that are no bytes, scaled to bytes as bright as they were meant.

PIL clips them: an image of floats from 0 to 1 would be black. A file says of its values how many
bits they have and not which is white, but people store what their program had: shares of 1, bytes,
or 16 bits.
"""

import numpy as np

from components.shared.images.limits import BadImage

WHITE = (1, 255, 65_535)
"""The values that stand for white: the first that is not exceeded."""


def bytes_of_bits(grey: np.ndarray, bits: int) -> np.ndarray:
    """Grey values of a known number of bits as uint8 of the same shape.

    Args:
        grey: Integers, white at 2 ** bits - 1.
        bits: 9..16.
    """
    white = 2**bits - 1
    # Of 16 bits, n // 257: no other rounding than that of every image packed before.
    scaled: np.ndarray = np.clip(grey, 0, white).astype(np.int64) * 255 // white
    return scaled.astype(np.uint8)


def bytes_by_range(grey: np.ndarray) -> np.ndarray:
    """Grey values of unknown range as uint8 of the same shape.

    Args:
        grey: Floats, white at 1, 255 or 65,535; or integers, white at 255 or 65,535.

    Raises:
        BadImage: They are not finite, negative, or larger than all of these.
    """
    lowest, highest = grey.min(), grey.max()
    whites = WHITE if np.issubdtype(grey.dtype, np.floating) else WHITE[1:]
    white = next((white for white in whites if highest <= white), None)
    if white is None or not lowest >= 0:
        raise BadImage(
            f"its grey values go from {lowest:g} to {highest:g}, and nothing says which is white: "
            "save it with 8 or 16 bits"
        )
    return np.rint(grey.astype(np.float64) * (255 / white)).astype(np.uint8)
