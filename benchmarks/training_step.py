"""Pretraining on a CPU, next to bare forward, backward and step on a batch that lies in memory.

    python benchmarks/training_step.py [epochs]

As the preset tiny_imagenet has it, so many epochs of crops of half the side and as many of the
whole. An epoch of ours and as many bare steps take turns, with as many threads; the median of the
ratios.
"""

import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import torch
from image_world import photograph, shard_of, write_index
from rows import Row
from torch import Tensor
from torch.nn.functional import cross_entropy

from components.pretrain_visual.schedule import build_optimiser
from components.pretrain_visual.training import pretrain_visual
from components.shared.device import autocast
from components.shared.networks.epochs import SPEED
from components.shared.networks.visual_model import VisualConfig, build
from components.shared.settings.presets import resolve
from components.shared.settings.table import group_of
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore

EPOCHS, IMAGES, DIFFERENT, CLASSES = 4, 768, 256, 160
QUICK_BATCH, QUICK_IMAGES, QUICK_CLASSES = 4, 8, 4

Rates = list[tuple[float, float]]
"""Images a second of ours, and of the bare step."""


def settings(epochs: int = EPOCHS, **changed: float) -> VisualSettings:
    """Those of the preset, with so many epochs at each side of the crops."""
    preset: VisualSettings = group_of("visual", resolve("tiny_imagenet", {}, {}))
    few = {"epochs": 2 * epochs, "half_size_epochs": epochs}
    return preset.model_copy(update={**few, **changed})


def rows(is_quick: bool = False, epochs: int = EPOCHS) -> list[Row]:
    """A row for crops of half the side, and one for those of the whole."""
    if is_quick:
        # Of tiny batches the preset's rate makes no numbers.
        config = settings(2, batch_size=QUICK_BATCH, learning_rate=0.001)
        found = measured(config, QUICK_IMAGES, QUICK_CLASSES)
    else:
        config = settings(epochs)
        found = measured(config, IMAGES, CLASSES)
    return [_row(config, side, rates) for side, rates in found.items()]


def _row(config: VisualSettings, side: int, rates: Rates) -> Row:
    """The first epoch of each side warms up."""
    ours = median(ours for ours, _ in rates[1:])
    share = median(ours / bare for ours, bare in rates[1:])
    threads = f"{torch.get_num_threads()} thread(s)"
    what = f"training step, {config.architecture}, {side} px, {threads}; the bare step"
    return Row(what, ours, None, ours / share, "images/s")


def measured(config: VisualSettings, images: int, classes: int) -> Mapping[int, Rates]:
    """The rates of each epoch, by the side of its crops in pixels."""
    side = config.input_size
    drawn = [photograph(side, seed) for seed in range(min(images, DIFFERENT))]
    bare, rates = Bare(config, classes), defaultdict[int, Rates](list)

    def turn(figures: Mapping[str, float], epoch: int | None) -> None:
        own = side // 2 if (epoch or 0) <= config.half_size_epochs else side
        rates[own].append((figures[SPEED], bare.rate(own, images // config.batch_size)))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_index(folder / "index", shard_of(folder, drawn), images, classes, classes)
        state = CheckpointStore(str(folder / "state"))
        pretrain_visual(config, folder / "index", folder / "model", state, turn)
    return rates


class Bare:
    """The same network and optimiser, and one batch."""

    def __init__(self, config: VisualSettings, classes: int) -> None:
        """Build them."""
        wnids = tuple(f"n{number:08d}" for number in range(classes))
        visual = VisualConfig(config.architecture, wnids, config.input_size, config.resize)
        self.model, self.config = build(visual).train(), config
        self.optimiser = build_optimiser(config, self.model)
        self.labels = torch.randint(classes, (config.batch_size,))

    def rate(self, side: int, steps: int) -> float:
        """Images a second of so many steps on a batch of this side."""
        drawn = torch.randn(self.config.batch_size, 3, side, side)
        images = drawn.to(memory_format=torch.channels_last)
        started = time.perf_counter()
        for _ in range(steps):
            self.step(images)
        return steps * self.config.batch_size / (time.perf_counter() - started)

    def step(self, images: Tensor) -> None:
        """Forward, backward and step on a batch: float32 [batch_size, 3, side, side]."""
        with autocast(images.device, self.config.precision):
            logits = self.model(images)
        smoothing = self.config.label_smoothing
        loss = cross_entropy(logits.float(), self.labels, label_smoothing=smoothing)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()


if __name__ == "__main__":
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    for row in rows(epochs=int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS):
        print(f"{row.name}: {row.ours:,.0f} images/s, {row.times(row.bound):.3f} of the bare step")
