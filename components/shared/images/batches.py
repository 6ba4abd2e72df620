"""Images as batches for the visual network: one centre crop, or random crops in training.

Batches are decoded ahead: by processes for a GPU, by threads where the CPUs compute themselves
(libjpeg-turbo and PIL release the interpreter's lock, but what is left of Python does not). They go
to the device as bytes and are normalised there. Either way the same crops come in the same order.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from components.shared.device import data_processes, data_threads
from components.shared.execution.progress import say
from components.shared.execution.threads import in_order
from components.shared.images.crops import DRAWS_PER_IMAGE, ImageView, decode_all
from components.shared.images.decoding_pool import DecodingPool
from components.shared.images.shards import ImageStore
from components.shared.images.uploading import pin, standardised, uploaded
from components.shared.plurals import counted
from components.shared.processes.ranks import Part

_pools: dict[str, DecodingPool] = {}
"""By the type of the device that they decode for."""


def centre_batches(
    store: ImageStore,
    view: ImageView,
    batch_size: int,
    device: torch.device,
    first: int = 0,
    stop: int | None = None,
) -> Iterator[Tensor]:
    """All images in row order, centre crops.

    Args:
        store: The images.
        view: Sizes of the crops.
        batch_size: Images in a batch.
        device: Where the batch goes.
        first: The row to begin with.
        stop: The row before which to end; None: there is none.

    Yields:
        Normalised float32 [B, 3, input_size, input_size], channels last, on the device; the last
        batch may be smaller.
    """
    rows = _parts(np.arange(len(store))[:stop], batch_size, first)
    yield from _decoded(store, view, rows, None, device)


def augmented_batches(
    store: ImageStore,
    view: ImageView,
    order: np.ndarray,
    batch_size: int,
    seed: Sequence[int],
    device: torch.device,
    first: int = 0,
    stop: int | None = None,
    part: Part | None = None,
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
        stop: The place before which to end; None: there is none.
        part: Which images of each batch are asked for; None: all.

    Yields:
        Row numbers [B] and normalised float32 [B, 3, input_size, input_size], channels last.
    """
    draws = np.random.default_rng(list(seed)).random((len(order), DRAWS_PER_IMAGE))
    rows, own = (_parts(each[:stop], batch_size, first, part) for each in (order, draws))
    images = _decoded(store, view, rows, own, device)
    yield from zip(rows, images, strict=True)


def _parts(array: np.ndarray, size: int, first: int, part: Part | None = None) -> list[np.ndarray]:
    batches = [array[start : start + size] for start in range(first, len(array), size)]
    return [part.of(batch) for batch in batches] if part else batches


def _decoded(
    store: ImageStore,
    view: ImageView,
    rows: list[np.ndarray],
    draws: list[np.ndarray] | None,
    device: torch.device,
) -> Iterator[Tensor]:
    """Batches of these rows, centre crops where there are no draws."""
    pool = decoding_pool(device)
    if pool:
        return uploaded(pool.batches(store, view, rows, draws), view, device)

    def fill(number: int) -> np.ndarray:
        out = np.empty((len(rows[number]), view.input_size, view.input_size, 3), np.uint8)
        own = None if draws is None else draws[number]
        decode_all(map(store.read, rows[number]), view, own, out)
        return out

    threads = data_threads()
    arrays = in_order(fill, range(len(rows)), threads, ahead=threads + 1)
    return (normalised(images, view, device) for images in arrays)


def decoded_by(device: torch.device) -> str:
    """Who decodes for a device, and how many of them: `2 processes`, `1 thread`."""
    if processes := data_processes(device):
        return counted(processes, "process", "processes")
    return counted(data_threads(), "thread")


def decoding_pool(device: torch.device) -> DecodingPool | None:
    """The processes that decode for a device; None: threads do.

    They are started when they are first asked for, and stay until this process ends.
    """
    processes = data_processes(device)
    if not processes:
        return None
    pool = _pools.get(device.type)
    if pool is None or not pool.is_open:
        say(f"images are decoded by {decoded_by(device)}")
        made = [pin] if device.type == "cuda" else []
        pool = _pools[device.type] = DecodingPool(processes, *made)
    return pool


def normalised(images: np.ndarray, view: ImageView, device: torch.device) -> Tensor:
    """Bytes to the network's input, on the device.

    Args:
        images: uint8 [B, height, width, 3].
        view: Mean and standard deviation of the channels.
        device: Where to.

    Returns:
        float32 [B, 3, height, width], channels last.
    """
    return standardised(torch.from_numpy(np.ascontiguousarray(images)).to(device), view)
