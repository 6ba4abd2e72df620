"""embed_images: the frozen trunk's features of every image that a later stage reads.

Phase 1 of every model trains on the same views, and the softmax, ConSE and every phase 1 are judged
on the same centre crops: the trunk sees each crop once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from components.embed_images.shards import check_free_space, kept_shards, write_shard
from components.shared.artifacts.features import (
    CENTRE,
    FeatureFacts,
    FeatureShard,
    held_out_images,
    read_features,
    training_images,
    write_features,
)
from components.shared.device import pick_device
from components.shared.execution.progress import Progress, say
from components.shared.images.batches import augmented_batches, centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore, is_kept
from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualModel, features_of
from components.shared.settings.embed import EmbedSettings
from components.shared.storage.checkpoint import CheckpointStore

BATCH_SIZE = 128
SHARD_BYTES = 256_000_000
PHASE = 1
"""Of the training that views are drawn for: their random numbers are of its seed."""


@dataclass(frozen=True)
class _Embedding:
    """What is embedded by what.

    Attributes:
        config: The stage's parameters.
        model: Its trunk is used, in evaluation mode.
        images: The rows of the image index of each view, by its number.
        batch_size: Images in a batch.
        rows: Most images of a shard: whole batches, so that a view that goes on at a shard goes on
            with the batches of an undisturbed one, whose features are rounded as theirs.
    """

    config: EmbedSettings
    model: VisualModel
    images: dict[int, pd.DataFrame]
    batch_size: int
    rows: int

    @property
    def total(self) -> int:
        """Crops in all."""
        return sum(map(len, self.images.values()))


def embed_images(
    config: EmbedSettings,
    image_index: Path,
    visual: Path,
    output: Path,
    checkpoints: CheckpointStore,
    shard_bytes: int = SHARD_BYTES,
    batch_size: int = BATCH_SIZE,
) -> dict[str, float]:
    """Write the features of all views and the artifact that says where they are.

    Args:
        config: The stage's parameters.
        image_index: Artifact of prepare_images.
        visual: Artifact of pretrain_visual.
        output: Folder of the artifact.
        checkpoints: Where the finished shards are kept, so that a killed embedding goes on.
        shard_bytes: Most bytes of a shard, of which each holds at least a batch.
        batch_size: Images in a batch.

    Returns:
        Counts: crops, features, megabytes.

    Raises:
        ValueError: A shard of the images is missing or damaged, a feature is not finite in float16,
            or the disk cannot hold the features.
    """
    index = read_index(image_index)
    model = visual_model.load(visual, pick_device())
    views = {CENTRE: held_out_images(index)}
    views |= {number + 1: training_images(index) for number in range(config.views)}
    dim = model.config.feature_dim
    rows = batch_size * max(1, shard_bytes // (2 * dim * batch_size))
    task = _Embedding(config, model, views, batch_size, rows)
    check_free_space(task.total, dim, config.store_uri)
    shards = _embed(task, checkpoints)
    images = len(views[CENTRE]), len(views[CENTRE + 1])
    write_features(output, FeatureFacts(dim, config.views, *images, config.precision), shards)
    return {
        "crops": float(task.total),
        "feature_dim": float(dim),
        "megabytes": 2 * task.total * dim / 1e6,
    }


def ensure_shards(
    config: EmbedSettings,
    image_index: Path,
    visual: Path,
    features: Path,
    checkpoints: CheckpointStore,
    shard_bytes: int = SHARD_BYTES,
    batch_size: int = BATCH_SIZE,
) -> None:
    """Compute the features again where a shard of a finished artifact is gone or damaged.

    Args:
        config: What they were made with.
        image_index: Artifact of prepare_images.
        visual: Artifact of pretrain_visual.
        features: The finished artifact, which stays as it is.
        checkpoints: Where a killed embedding goes on from; the caller clears them.
        shard_bytes: Most bytes of a shard.
        batch_size: Images in a batch.
    """
    shards = read_features(features, read_index(image_index)).shards["shard"]
    missing = [uri for uri in shards if not is_kept(uri)]
    if missing:
        say(f"{len(missing)} of {len(shards)} shards of features are gone or damaged: made again")
        own = image_index, visual, features, checkpoints
        embed_images(config, *own, shard_bytes, batch_size)


def _embed(task: _Embedding, checkpoints: CheckpointStore) -> list[FeatureShard]:
    done = kept_shards(checkpoints)
    progress = Progress("embed_images", task.total - sum(shard.rows for shard in done), "images")
    for view, images in task.images.items():
        first = sum(shard.rows for shard in done if shard.view == view)
        for block in _blocks(_features(task, view, images, first, progress), task.rows):
            done.append(write_shard(block, view, first, task.config.store_uri, checkpoints, done))
            first += len(block)
    progress.finish()
    return done


@torch.inference_mode()
def _features(
    task: _Embedding, view: int, images: pd.DataFrame, first: int, progress: Progress
) -> Iterator[Tensor]:
    """Features of a view from one image on, a batch at a time: float16 [B, feature_dim]."""
    network = features_of(task.model, task.config.precision)
    for batch in _batches(task, view, ImageStore(images), first):
        yield network(batch).half()
        progress.update(progress.done + len(batch))


def _batches(task: _Embedding, view: int, store: ImageStore, first: int) -> Iterator[Tensor]:
    device = next(task.model.parameters()).device
    shape = task.model.config.view
    if view == CENTRE:
        yield from centre_batches(store, shape, task.batch_size, device, first)
        return
    seed = (task.config.training_seed, PHASE, view - 1)
    order = np.arange(len(store))
    for _, batch in augmented_batches(store, shape, order, task.batch_size, seed, device, first):
        yield batch


def _blocks(batches: Iterator[Tensor], rows: int) -> Iterator[np.ndarray]:
    """Join batches to blocks of so many rows; the last may have fewer.

    They stay on the device until a block is whole, so that no batch waits for the one before.
    """
    waiting: list[Tensor] = []
    for batch in batches:
        while len(batch) >= (room := rows - sum(map(len, waiting))):
            yield _finite([*waiting, batch[:room]])
            waiting, batch = [], batch[room:]
        if len(batch):
            waiting.append(batch)
    if waiting:
        yield _finite(waiting)


def _finite(batches: Sequence[Tensor]) -> np.ndarray:
    block = torch.cat(list(batches))
    if not bool(torch.isfinite(block).all()):
        raise ValueError("A feature of the visual model is not finite in float16; train it again.")
    return block.cpu().numpy()
