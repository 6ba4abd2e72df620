"""Images as batches for the visual network: one centre crop, or random crops in training.

Section 3 of the paper: random flip, crop and translation in training, one centre crop in the test.
Threads decode whole batches ahead (libjpeg-turbo and PIL release the interpreter's lock); the
batch goes to the device as bytes and is normalised there.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from components.shared.device import data_threads
from components.shared.execution.threads import in_order
from components.shared.images.crops import (
    DRAWS_PER_IMAGE,
    ImageView,
    decode_centre,
    decode_random,
)
from components.shared.images.shards import ImageStore


def centre_batches(
    store: ImageStore, view: ImageView, batch_size: int, device: torch.device
) -> Iterator[Tensor]:
    """All images in row order, centre crops.

    Yields:
        Normalised float32 [B, 3, input_size, input_size], channels last, on the device; the last
        batch may be smaller.
    """
    rows = np.arange(len(store))

    def fill(start: int) -> np.ndarray:
        batch = rows[start : start + batch_size]
        return np.stack([decode_centre(store.read(row), view) for row in batch])

    for images in _decoded(fill, range(0, len(rows), batch_size), device):
        yield normalised(images, view, device)


def augmented_batches(
    store: ImageStore,
    view: ImageView,
    order: np.ndarray,
    batch_size: int,
    seed: Sequence[int],
    device: torch.device,
) -> Iterator[tuple[np.ndarray, Tensor]]:
    """Images in the given order, each in a random crop, flipped half of the time.

    Args:
        store: The images.
        view: Sizes of the crops.
        order: Row numbers, int [n].
        batch_size: Images in a batch; the last may be smaller.
        seed: Integers that every crop follows from, with the image's place in the order.
        device: Where the batch goes.

    Yields:
        Row numbers [B] and normalised float32 [B, 3, input_size, input_size], channels last.
    """
    draws = np.random.default_rng(list(seed)).random((len(order), DRAWS_PER_IMAGE))

    def fill(start: int) -> np.ndarray:
        places = range(start, min(start + batch_size, len(order)))
        return np.stack(
            [decode_random(store.read(order[place]), view, draws[place]) for place in places]
        )

    starts = range(0, len(order), batch_size)
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
