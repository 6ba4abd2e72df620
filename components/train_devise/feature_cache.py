"""The frozen trunk's features of every training image, computed once a view (phase 1)."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from components.shared.execution.progress import Progress
from components.shared.images.batches import augmented_batches, centre_batches
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel


@torch.inference_mode()
def cache_views(
    model: DeviseModel, store: ImageStore, views: int, batch_size: int, seed: Sequence[int],
    folder: Path,
) -> np.ndarray:  # fmt: skip
    """Fill a memory-mapped file with the features of augmented views.

    Args:
        model: Its trunk is used in evaluation mode.
        store: The training images.
        views: Augmented views of each image.
        batch_size: Images in a batch.
        seed: Of the augmentation; view i is drawn from (*seed, i).
        folder: Where the file goes.

    Returns:
        float16 [views, images, feature_dim].

    Raises:
        ValueError: The file is larger than the free space, or a feature is not finite.
    """
    shape = (views, len(store), model.config.visual.feature_dim)
    check_free_space(shape, folder)
    cache = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float16, shape)
    model.eval()
    device = next(model.parameters()).device
    progress = Progress("train_devise: features of views", views * len(store), "images")
    for view in range(views):
        for rows, images in augmented_batches(
            store, model.config.visual.view, np.arange(len(store)), batch_size, (*seed, view),
            device,
        ):  # fmt: skip
            cache[view, rows] = _half(model.features(images))
            progress.update(view * len(store) + int(rows[-1]) + 1)
    progress.done = views * len(store)
    progress.finish()
    return cache


@torch.inference_mode()
def centre_features(model: DeviseModel, store: ImageStore, batch_size: int) -> np.ndarray:
    """Return the features of each image's centre crop, float16 [images, feature_dim]."""
    model.eval()
    device = next(model.parameters()).device
    batches = centre_batches(store, model.config.visual.view, batch_size, device)
    return np.concatenate([_half(model.features(images)) for images in batches])


def check_free_space(shape: tuple[int, int, int], folder: Path) -> None:
    """Refuse a cache of float16 features [views, images, feature_dim] that the disk cannot hold.

    Raises:
        ValueError: The file is larger than the free space.
    """
    needed, free = 2 * int(np.prod(shape)), shutil.disk_usage(folder).free
    if needed > free:
        raise ValueError(
            f"The features of {shape[0]} views of {shape[1]:,} images take {needed / 1e9:.1f} GB, "
            f"but {folder} has {free / 1e9:.1f} GB free; lower devise_phase_1_views or point "
            "TMPDIR to a larger disk."
        )


def _half(features: torch.Tensor) -> np.ndarray:
    half = features.half()
    if not bool(torch.isfinite(half).all()):
        raise ValueError("A feature of the visual model is not finite in float16; train it again.")
    return half.cpu().numpy()
