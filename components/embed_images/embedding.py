"""embed_images: the frozen trunk's features of every image that a later stage reads.

Phase 1 of every model trains on the same views, and the softmax, ConSE and every phase 1 are judged
on the same centre crops: the trunk sees each crop once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from components.embed_images.shards import check_free_space, keep_shards, kept_shards, write_shard
from components.shared.artifacts.features import (
    CENTRE,
    FeatureFacts,
    FeatureShard,
    held_out_images,
    training_images,
    write_features,
)
from components.shared.device import fetched, pick_device
from components.shared.execution.progress import Progress, say
from components.shared.execution.threads import in_order
from components.shared.images.batches import augmented_batches, centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualModel, features_of
from components.shared.processes.ranks import gathered, is_first, rank, ranks
from components.shared.settings.embed import EmbedSettings
from components.shared.storage.checkpoint import CheckpointStore

BATCH_SIZE = 128
SHARD_BYTES = 256_000_000
PHASE = 1
"""Of the training that views are drawn for: their random numbers are of its seed."""

_Placed = tuple[int, int, Tensor]
"""A view's number, a place in it, and the features from there on, on the device."""


@dataclass(frozen=True)
class _Block:
    """Neighbouring images of a view.

    Attributes:
        view: Its number.
        first: The first image's place in the view.
        stop: The place after the last.
    """

    view: int
    first: int
    stop: int

    def follows(self, other: "_Block") -> bool:
        """Whether it begins where another ends."""
        return (self.view, self.first) == (other.view, other.stop)


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
    facts = FeatureFacts(dim, config.views, *images, config.precision)
    if is_first():
        write_features(output, facts, shards)
    return {
        "crops": float(task.total),
        "feature_dim": float(dim),
        "megabytes": 2 * task.total * dim / 1e6,
    }


def _embed(task: _Embedding, checkpoints: CheckpointStore) -> list[FeatureShard]:
    """Compute what is not done yet, every process its shards in turn."""
    done = kept_shards(checkpoints)
    if done and is_first():
        say(f"embed_images: goes on after {len(done)} shards of features")
    left = _blocks_left(task, done)
    mine = left[rank() :: ranks()]
    who = "" if ranks() == 1 else f", process 1 of {ranks()}"
    images = sum(block.stop - block.first for block in mine)
    progress = Progress(f"embed_images{who}", images, "images")
    stored = _stored(task, _computed(task, mine, progress))
    for _ in range(-(-len(left) // ranks())):
        done += [shard for shard in gathered(next(stored, None)) if shard]
        if is_first():
            keep_shards(done, checkpoints)
    progress.finish()
    return done


def _blocks_left(task: _Embedding, done: Sequence[FeatureShard]) -> list[_Block]:
    """The images of each shard that is not done, in the shards' order."""
    blocks = [
        _Block(view, first, min(first + task.rows, len(images)))
        for view, images in task.images.items()
        for first in range(0, len(images), task.rows)
    ]
    return blocks[len(done) :]


def _computed(task: _Embedding, blocks: Sequence[_Block], progress: Progress) -> Iterator[_Placed]:
    """Compute blocks; those that follow each other are decoded in one go."""
    for view, spans in groupby(_joined(blocks), lambda span: span.view):
        store = ImageStore(task.images[view])
        for span in spans:
            first = span.first
            for block in _blocks(_features(task, span, store, progress), task.rows):
                yield view, first, block
                first += len(block)


def _stored(task: _Embedding, blocks: Iterator[_Placed]) -> Iterator[FeatureShard]:
    """Put blocks into the store in a thread, while the next one is computed."""

    def write(placed: _Placed) -> FeatureShard:
        view, first, block = placed
        return write_shard(_finite(block), view, first, task.config.store_uri)

    return in_order(write, blocks, threads=1, ahead=1)


def _joined(blocks: Sequence[_Block]) -> list[_Block]:
    spans: list[_Block] = []
    for block in blocks:
        if spans and block.follows(spans[-1]):
            spans[-1] = _Block(block.view, spans[-1].first, block.stop)
        else:
            spans.append(block)
    return spans


@torch.inference_mode()
def _features(
    task: _Embedding, span: _Block, store: ImageStore, progress: Progress
) -> Iterator[Tensor]:
    """Features of neighbouring images, a batch at a time: float16 [B, feature_dim]."""
    network = features_of(task.model, task.config.precision)
    for batch in _batches(task, span, store):
        yield network(batch).half()
        progress.update(progress.done + len(batch))


def _batches(task: _Embedding, span: _Block, store: ImageStore) -> Iterator[Tensor]:
    device = next(task.model.parameters()).device
    shape, rows = task.model.config.view, (span.first, span.stop)
    if span.view == CENTRE:
        yield from centre_batches(store, shape, task.batch_size, device, *rows)
        return
    seed = (task.config.training_seed, PHASE, span.view - 1)
    order = np.arange(len(store))
    for _, batch in augmented_batches(store, shape, order, task.batch_size, seed, device, *rows):
        yield batch


def _blocks(batches: Iterator[Tensor], rows: int) -> Iterator[Tensor]:
    """Join batches to blocks of so many rows; the last may have fewer.

    They stay on the device, so that no batch waits for the one before.
    """
    waiting: list[Tensor] = []
    for batch in batches:
        while len(batch) >= (room := rows - sum(map(len, waiting))):
            yield torch.cat([*waiting, batch[:room]])
            waiting, batch = [], batch[room:]
        if len(batch):
            waiting.append(batch)
    if waiting:
        yield torch.cat(waiting)


def _finite(block: Tensor) -> np.ndarray:
    if not bool(torch.isfinite(block).all()):
        raise ValueError("A feature of the visual model is not finite in float16; train it again.")
    return fetched(block)
