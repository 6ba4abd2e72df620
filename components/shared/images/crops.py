"""The part of an image that a network sees: one centre crop, or random crops in training.

Section 3 of the paper: random flip, crop and translation in training, one centre crop in the test.
Processes that do nothing but decode load this module: it stands on numpy and PIL alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from components.shared.images.decoding import decode_rgb

ASPECT_RATIOS = (3 / 4, 4 / 3)
DRAWS_PER_IMAGE = 5

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ImageView:
    """How an image becomes the network's input.

    Attributes:
        input_size: Side of the square input, pixels.
        resize: Short side of the image that crops are taken from, pixels.
        crop_scale: Smallest share of the area that a random crop takes; 1.0: crops are of
            `input_size` out of the resized image, as in the paper.
        mean: Mean of each channel, of values in 0..1.
        std: Standard deviation of each channel, of values in 0..1.
    """

    input_size: int
    resize: int
    crop_scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @property
    def halved(self) -> "ImageView":
        """The same part of the image at half the side."""
        return replace(self, input_size=self.input_size // 2, resize=self.resize // 2)

    def __post_init__(self) -> None:
        """Refuse a crop larger than what it is cut from, and an impossible share."""
        if not 0 < self.input_size <= self.resize:
            raise ValueError(
                f"visual_input_size is {self.input_size} with visual_resize {self.resize}: "
                "give a positive size that is no larger than visual_resize."
            )
        if not 0 < self.crop_scale <= 1:
            raise ValueError(f"visual_crop_scale is {self.crop_scale}: give a share in (0, 1].")


def decode_centre(data: bytes, view: ImageView) -> np.ndarray:
    """Centre crop of an encoded image of any kind: uint8 [input_size, input_size, 3]."""
    image = decode_rgb(data)
    return _cut(image, centre_box(image.shape[1], image.shape[0], view), view.input_size)


def decode_random(data: bytes, view: ImageView, draws: np.ndarray) -> np.ndarray:
    """Random crop, flipped or not, of an encoded image: uint8 [input_size, input_size, 3].

    Args:
        data: The encoded image.
        view: Sizes of the crop.
        draws: Float [5], uniform in [0, 1): area, aspect ratio, left, top, flip.
    """
    image = decode_rgb(data)
    box = random_box(image.shape[1], image.shape[0], view, draws)
    crop = _cut(image, box, view.input_size)
    return crop[:, ::-1] if draws[4] < 0.5 else crop


def centre_box(width: int, height: int, view: ImageView) -> Box:
    """Box of the centre crop (left, top, right, bottom), in pixels of the image itself."""
    return _box_of_size(width, height, view, 0.5, 0.5)


def random_box(width: int, height: int, view: ImageView, draws: np.ndarray) -> Box:
    """Box of a random crop (left, top, right, bottom), in pixels of the image itself."""
    if view.crop_scale == 1.0:
        return _box_of_size(width, height, view, draws[2], draws[3])
    area = width * height * (view.crop_scale + (1 - view.crop_scale) * draws[0])
    narrowest, widest = np.log(ASPECT_RATIOS)
    ratio = np.exp(narrowest + (widest - narrowest) * draws[1])
    across, down = min(width, np.sqrt(area * ratio)), min(height, np.sqrt(area / ratio))
    left, top = (width - across) * draws[2], (height - down) * draws[3]
    return left, top, min(width, left + across), min(height, top + down)


def _box_of_size(width: int, height: int, view: ImageView, right: float, down: float) -> Box:
    """Box of input_size out of the resized image, at shares [0, 1) of the room to move."""
    scale = view.resize / min(width, height)
    # Whole pixels of the resized image: where it has the right size already, a crop is exact.
    left = int(right * (round(width * scale) - view.input_size + 1)) / scale
    top = int(down * (round(height * scale) - view.input_size + 1)) / scale
    side = view.input_size / scale
    return left, top, min(width, left + side), min(height, top + side)


def _cut(image: np.ndarray, box: Box, size: int) -> np.ndarray:
    left, top, right, bottom = box
    exact = right - left == size == bottom - top
    if exact and float(left).is_integer() and float(top).is_integer():
        return image[int(top) : int(bottom), int(left) : int(right)]
    picture = Image.fromarray(image)
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR, box=box))


def decode_all(
    images: Iterable[bytes], view: ImageView, draws: np.ndarray | None, out: np.ndarray
) -> None:
    """Decode the crops of some images into an array.

    Args:
        images: The encoded images.
        view: Sizes of the crops.
        draws: Float [n, 5], as `decode_random` takes them; None: centre crops.
        out: uint8 [n, input_size, input_size, 3], written to.
    """
    for place, data in enumerate(images):
        if draws is None:
            out[place] = decode_centre(data, view)
        else:
            _copy(decode_random(data, view, draws[place]), out[place])


def _copy(crop: np.ndarray, out: np.ndarray) -> None:
    if crop.strides[1] > 0:
        out[...] = crop
        return
    # A flipped crop at once takes numpy five times as long as a channel at a time.
    for channel in range(crop.shape[2]):
        out[..., channel] = crop[..., channel]
