"""Trains the visual network on the seen classes: the softmax baseline and DeViSE's first weights.

Section 3.2 of the paper: cross-entropy over the seen classes, random crops and flips; one centre
crop in the validation. The weights kept are those of the epoch with the best validation hit@1.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from components.pretrain_visual.parts import LabelledImages, Parts, read_parts
from components.pretrain_visual.schedule import (
    build_optimiser,
    learning_rate,
    set_learning_rate,
)
from components.pretrain_visual.start import Start, first_model
from components.pretrain_visual.state import HIT, TrainingState, restore_state, save_state
from components.shared.device import autocast, pick_device, reseed
from components.shared.execution.progress import LogMetrics, Progress, say
from components.shared.images.batches import augmented_batches, centre_batches
from components.shared.networks.visual_model import VisualModel, load_weights, save
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore


def pretrain_visual(
    config: VisualSettings,
    image_index: Path,
    output: Path,
    checkpoints: CheckpointStore,
    log: LogMetrics,
    before: Path | None = None,
) -> dict[str, float]:
    """Train, going on from the last checkpoint, and write the visual model artifact.

    Args:
        config: network and training.
        image_index: artifact of prepare_images.
        output: folder of the artifact.
        checkpoints: where the state after each epoch is kept.
        log: called with each epoch's figures and its number.
        before: a finished visual model to train on, whose own weights are a candidate too: the
            best epoch may be epoch 0, before the first step.

    Returns:
        Figures of the best epoch, epochs done, images a second.

    Raises:
        ValueError: no such network, no images, weights to start from that cannot be taken, or the
            loss is no longer a number.
    """
    parts = read_parts(image_index)
    start = first_model(config, parts.classes, before, parts.unseen)
    state = _initial_state(config, parts, start)
    restore_state(state, checkpoints)
    if start.trained and not state.history:
        _measure_start(config, parts, state, log)
    _train(_Training(config, parts, start.epochs), state, checkpoints, log)
    load_weights(state.model, state.best, state.model.config)
    save(state.model, output, state.history)
    return _summary(state)


@dataclass(frozen=True)
class _Training:
    """What stays the same in training; random numbers follow from the seed and all epochs ever."""

    config: VisualSettings
    parts: Parts
    epochs_before: int

    def seed(self, epoch: int) -> list[int]:
        return [self.config.training_seed, self.epochs_before + epoch]


def _initial_state(config: VisualSettings, parts: Parts, start: Start) -> TrainingState:
    model = start.model.to(pick_device())
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    say(
        f"{model.config.architecture}: {millions:.1f} M parameters, {len(parts.classes)} classes, "
        f"{len(parts.train.labels):,} training images, {len(parts.validation.labels):,} validation"
    )
    return TrainingState(model, build_optimiser(config, model))


def _measure_start(
    config: VisualSettings, parts: Parts, state: TrainingState, log: LogMetrics
) -> None:
    """Epoch 0: weights trained before are a candidate, measured before the first step."""
    loss, hit = validate(config, state.model, parts.validation)
    figures = {"validation_loss": loss, HIT: hit}
    state.finish_epoch({"epoch": 0, **figures})
    log(figures, 0)
    say(f"before the first epoch: validation loss {loss:.3f}, hit@1 {hit:.1%}")


def _train(
    training: _Training, state: TrainingState, checkpoints: CheckpointStore, log: LogMetrics
) -> None:
    config, done = training.config, state.epoch
    if done:
        say(f"going on after epoch {done}")
    images = _images_used(config, len(training.parts.train.labels))
    progress = Progress("pretrain_visual", images * (config.epochs - done), "images")
    for epoch in range(done + 1, config.epochs + 1):
        if is_over(config, state.history):
            break
        figures = _epoch(training, state, epoch, progress)
        state.finish_epoch(figures)
        save_state(state, checkpoints)
        log({name: value for name, value in figures.items() if name != "epoch"}, epoch)
        say(_line(config, figures))
    progress.finish()


def is_over(config: VisualSettings, history: list[dict[str, Any]]) -> bool:
    """Whether validation hit@1 has not risen for `patience` epochs."""
    if not config.patience or not history:
        return False
    best = max(history, key=lambda figures: figures[HIT])
    return bool(history[-1]["epoch"] - best["epoch"] >= config.patience)


def _images_used(config: VisualSettings, images: int) -> int:
    """Images of an epoch: whole batches only, since BatchNorm cannot learn from a batch of one."""
    return images - images % config.batch_size if images >= config.batch_size else images


def _epoch(
    training: _Training, state: TrainingState, epoch: int, progress: Progress
) -> dict[str, Any]:
    """Train for an epoch and validate; everything random follows from the seed and the epoch."""
    config, parts = training.config, training.parts
    reseed(training.seed(epoch))
    started = time.monotonic()
    train_loss = _train_epoch(training, state, epoch, progress)
    seconds = time.monotonic() - started
    if not math.isfinite(train_loss):
        raise ValueError(
            f"The training loss is {train_loss} in epoch {epoch}: lower visual_learning_rate "
            f"({config.learning_rate}) or raise visual_warmup_epochs ({config.warmup_epochs})."
        )
    loss, hit = validate(config, state.model, parts.validation)
    return {
        "epoch": epoch,
        "train_loss": train_loss,
        "validation_loss": loss,
        HIT: hit,
        "learning_rate": learning_rate(config, epoch - 1),
        "images_per_second": _images_used(config, len(parts.train.labels)) / seconds,
    }


def _train_epoch(
    training: _Training, state: TrainingState, epoch: int, progress: Progress
) -> float:
    """Mean loss over the epoch."""
    config, images, seed = training.config, training.parts.train, training.seed(epoch)
    device = next(state.model.parameters()).device
    order = np.random.default_rng(seed).permutation(len(images.labels))
    order = order[: _images_used(config, len(order))]
    batches = augmented_batches(
        images.store, state.model.config.view, order, config.batch_size, [*seed, 1], device
    )
    state.model.train()
    total, done, before = torch.zeros((), device=device), 0, progress.done
    for rows, batch in batches:
        # The middle of the batch: neither the first nor the last step has a rate of 0.
        gone = epoch - 1 + (done + len(rows) / 2) / len(order)
        set_learning_rate(state.optimiser, learning_rate(config, gone))
        labels = torch.from_numpy(images.labels[rows]).to(device)
        total += _step(config, state, batch, labels) * len(rows)
        done += len(rows)
        progress.update(before + done, f"epoch {epoch} of {config.epochs}")
    return float(total) / done


def _step(config: VisualSettings, state: TrainingState, batch: Tensor, labels: Tensor) -> Tensor:
    with autocast(batch.device, config.precision):
        logits = state.model(batch)
    loss = cross_entropy(logits.float(), labels, label_smoothing=config.label_smoothing)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    state.optimiser.step()
    return loss.detach()


@torch.inference_mode()
def validate(
    config: VisualSettings, model: VisualModel, images: LabelledImages
) -> tuple[float, float]:
    """Mean cross-entropy and hit@1 over centre crops."""
    device = next(model.parameters()).device
    model.eval()
    loss, hits, done = 0.0, 0, 0
    for batch in centre_batches(images.store, model.config.view, config.batch_size, device):
        labels = torch.from_numpy(images.labels[done : done + len(batch)]).to(device)
        with autocast(device, config.precision):
            logits = model(batch).float()
        loss += float(cross_entropy(logits, labels, reduction="sum"))
        hits += int((logits.argmax(1) == labels).sum())
        done += len(batch)
    return loss / done, hits / done


def _line(config: VisualSettings, figures: dict[str, Any]) -> str:
    return (
        f"epoch {figures['epoch']} of {config.epochs}: loss {figures['train_loss']:.3f}, "
        f"validation loss {figures['validation_loss']:.3f}, hit@1 {figures[HIT]:.1%}, "
        f"{figures['images_per_second']:,.0f} images/s"
    )


def _summary(state: TrainingState) -> dict[str, float]:
    best = state.best_epoch
    rates = [figures["images_per_second"] for figures in state.history if figures["epoch"]]
    return {
        "best_epoch": float(best["epoch"]),
        "epochs": float(state.epoch),
        "best_validation_hit_at_1": float(best[HIT]),
        "best_validation_loss": float(best["validation_loss"]),
        "mean_images_per_second": sum(rates) / len(rates) if rates else 0.0,
    }
