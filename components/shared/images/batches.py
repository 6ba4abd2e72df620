"""Images as batches for the visual network: one centre crop, or random crops in training.

Section 3 of the paper: random flip, crop and translation in training, one centre crop in the test.
Threads decode whole batches ahead (libjpeg-turbo and PIL release the interpreter's lock); the
batch goes to the device as bytes and is normalised there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from components.shared.device import data_threads
from components.shared.execution.threads import in_order
from components.shared.images.decoding import decode_rgb
from components.shared.images.shards import ImageStore

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
    picture = Image.fromarray(image)
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR, box=box))


def centre_batches(
    store: ImageStore, view: ImageView, batch_size: int, device: torch.device, first: int = 0
) -> Iterator[Tensor]:
    """All images in row order, centre crops.

    Args:
        store: The images.
        view: Sizes of the crops.
        batch_size: Images in a batch.
        device: Where the batch goes.
        first: The row to begin with.

    Yields:
        Normalised float32 [B, 3, input_size, input_size], channels last, on the device; the last
        batch may be smaller.
    """
    rows = np.arange(len(store))

    def fill(start: int) -> np.ndarray:
        batch = rows[start : start + batch_size]
        return np.stack([decode_centre(store.read(row), view) for row in batch])

    for images in _decoded(fill, range(first, len(rows), batch_size), device):
        yield normalised(images, view, device)


def augmented_batches(
    store: ImageStore,
    view: ImageView,
    order: np.ndarray,
    batch_size: int,
    seed: Sequence[int],
    device: torch.device,
    first: int = 0,
) -> Iterator[tuple[np.ndarray, Tensor]]:
    """Images in the given order, each in a random crop, flipped half of the time.

    Args:
        store: The images.
        view: Sizes of the crops.
        order: Row numbers, int [n].
        batch_size: Images in a batch; the last may be smaller.
        seed: Integers that every crop follows from, with the image's place in the order.
        device: Where the batch goes.
        first: The place in the order to begin with; the crops are those of the whole order.

    Yields:
        Row numbers [B] and normalised float32 [B, 3, input_size, input_size], channels last.
    """
    draws = np.random.default_rng(list(seed)).random((len(order), DRAWS_PER_IMAGE))

    def fill(start: int) -> np.ndarray:
        places = range(start, min(start + batch_size, len(order)))
        return np.stack(
            [decode_random(store.read(order[place]), view, draws[place]) for place in places]
        )

    starts = range(first, len(order), batch_size)
    batches = _decoded(fill, starts, device)
    for start, images in zip(starts, batches, strict=True):
        yield order[start : start + batch_size], normalised(images, view, device)


def _decoded(
    fill: Callable[[int], np.ndarray], starts: Sequence[int], device: torch.device
) -> Iterator[np.ndarray]:
    threads = data_threads(device)
    return in_order(fill, starts, threads, ahead=threads + 1)


def normalised(images: np.ndarray, view: ImageView, device: torch.device) -> Tensor:
    """Bytes to the network's input, on the device.

    Args:
        images: uint8 [B, height, width, 3].
        view: Mean and standard deviation of the channels.
        device: Where to.

    Returns:
        float32 [B, 3, height, width], channels last.
    """
    batch = torch.from_numpy(np.ascontiguousarray(images))
    if device.type == "cuda":
        batch = batch.pin_memory().to(device, non_blocking=True)
    mean = torch.tensor(view.mean, device=device).view(1, 3, 1, 1) * 255
    std = torch.tensor(view.std, device=device).view(1, 3, 1, 1) * 255
    return (batch.permute(0, 3, 1, 2).float() - mean) / std
