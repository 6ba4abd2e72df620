"""Pretraining on a CPU, next to bare forward, backward and step on a batch that lies in memory.

    python benchmarks/training_step.py [epochs]

An epoch of ours and as many bare steps take turns, with as many threads; the median of the ratios.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from image_world import photograph, shard_of, write_index
from torch.nn.functional import cross_entropy

from components.pretrain_visual.schedule import build_optimiser
from components.pretrain_visual.training import pretrain_visual
from components.shared.device import autocast
from components.shared.networks.epochs import SPEED
from components.shared.networks.visual_model import VisualConfig, build
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore

EPOCHS, IMAGES, DIFFERENT, CLASSES, SIDE = 5, 768, 256, 160, 64
SETTINGS = VisualSettings(
    architecture="small_resnet18",
    input_size=SIDE,
    resize=SIDE,
    crop_scale=0.35,
    batch_size=128,
    epochs=EPOCHS,
    patience=0,
)
"""As the preset tiny_imagenet has it."""

Rates = list[tuple[float, float]]
"""Images a second of ours, and of the bare step."""


def rows(epochs: int = EPOCHS) -> list[tuple[str, float, float]]:
    """What was measured, images a second of ours, and ours by bare; one row."""
    rates = measured(SETTINGS.model_copy(update={"epochs": epochs}))[1:]
    what = f"training step, {SETTINGS.architecture}, {SIDE} px, {torch.get_num_threads()} thread(s)"
    return [(what, median(ours for ours, _ in rates), median(ours / bare for ours, bare in rates))]


def measured(config: VisualSettings) -> Rates:
    """The rates of each epoch; the first one warms up."""
    images = [photograph(SIDE, seed) for seed in range(DIFFERENT)]
    bare, rates = Bare(config), Rates()

    def turn(figures: dict[str, float], _: int | None) -> None:
        rates.append((figures[SPEED], bare.rate()))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_index(folder / "index", shard_of(folder, images), IMAGES, CLASSES, CLASSES)
        state = CheckpointStore(str(folder / "state"))
        pretrain_visual(config, folder / "index", folder / "model", state, turn)  # type: ignore[arg-type]
    return rates


class Bare:
    """The same network and optimiser, and one batch."""

    def __init__(self, config: VisualSettings) -> None:
        """Build them."""
        wnids = tuple(f"n{number:08d}" for number in range(CLASSES))
        visual = VisualConfig(config.architecture, wnids, config.input_size, config.resize)
        self.model, self.config = build(visual).train(), config
        self.optimiser = build_optimiser(config, self.model)
        images = torch.randn(config.batch_size, 3, SIDE, SIDE)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = torch.randint(CLASSES, (config.batch_size,))

    def rate(self) -> float:
        """Images a second of as many steps as an epoch has."""
        steps = IMAGES // self.config.batch_size
        started = time.perf_counter()
        for _ in range(steps):
            with autocast(self.images.device, self.config.precision):
                logits = self.model(self.images)
            loss = cross_entropy(logits.float(), self.labels)
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()
            self.optimiser.step()
        return steps * self.config.batch_size / (time.perf_counter() - started)


if __name__ == "__main__":
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    for what, ours, ratio in rows(int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS):
        print(f"{what}: {ours:,.0f} images/s, {ratio:.3f} of the bare step")
