"""Decoded batches to the device, as bytes, while it computes; normalised there."""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import torch
from torch import Tensor

from components.shared.images.crops import ImageView
from components.shared.images.decoding_pool import Slot

AHEAD = 3
"""Batches on a GPU: the one in use, one that has arrived and one on its way."""
_pinned: list[np.ndarray] = []
"""Kept: the driver would refuse other memory that came to lie where one of these was."""


def pin(array: np.ndarray) -> None:
    """Keep an array's memory where a GPU fetches it by itself, until the process ends.

    Raises:
        torch.cuda.CudaError: The driver refuses.
    """
    _pinned.append(array)
    code = int(torch.cuda.cudart().cudaHostRegister(array.ctypes.data, array.nbytes, 0))
    if code:
        raise torch.cuda.CudaError(code)


def uploaded(slots: Iterable[Slot], view: ImageView, device: torch.device) -> Iterator[Tensor]:
    """Bring batches to the device.

    Args:
        slots: The decoded batches.
        view: Mean and standard deviation of the channels.
        device: Where to.

    Yields:
        Normalised float32 [B, 3, input_size, input_size], channels last.
    """
    if device.type == "cuda":
        yield from _through_a_stream(slots, view, device)
    else:
        for slot in slots:
            yield standardised(torch.from_numpy(slot.batch).to(device), view)


def _through_a_stream(
    slots: Iterable[Slot], view: ImageView, device: torch.device
) -> Iterator[Tensor]:
    """Copy on a stream of its own, so that a copy and the step before it go on at once.

    Nothing here waits: what one stream needs of the other is an event between the two.
    """
    stream, computing = torch.cuda.Stream(device), torch.cuda.current_stream(device)
    rooms: deque[tuple[Tensor, torch.cuda.Event]] = deque()
    try:
        for slot in slots:
            bytes_there, used = rooms.popleft() if len(rooms) == AHEAD else _room(slot, computing)
            batch = bytes_there[: slot.images]
            stream.wait_event(used)
            with torch.cuda.stream(stream):
                batch.copy_(torch.from_numpy(slot.batch), non_blocking=True)
            slot.reusable = arrived = stream.record_event()
            computing.wait_event(arrived)
            images = standardised(batch, view)
            rooms.append((bytes_there, computing.record_event()))
            yield images
    finally:
        computing.wait_stream(stream)


def _room(slot: Slot, computing: torch.cuda.Stream) -> tuple[Tensor, torch.cuda.Event]:
    """Memory for a batch like this one's, free once what was asked of the GPU so far is done."""
    room = torch.empty(slot.array.shape, dtype=torch.uint8, device=computing.device)
    return room, computing.record_event()


def standardised(images: Tensor, view: ImageView) -> Tensor:
    """Bytes [B, height, width, 3] to float32 [B, 3, height, width], channels last, where they are.

    Args:
        images: uint8.
        view: Mean and standard deviation of the channels.
    """
    mean, std = _statistics(view.mean, view.std, images.device)
    return torch.sub(images.permute(0, 3, 1, 2), mean).div_(std)


@cache
def _statistics(
    mean: tuple[float, ...], std: tuple[float, ...], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Both in bytes, float32 [1, 3, 1, 1], on the device; sent there once."""
    with torch.inference_mode(False):
        both = [torch.tensor(values).view(1, 3, 1, 1) * 255 for values in (mean, std)]
        return both[0].to(device), both[1].to(device)
