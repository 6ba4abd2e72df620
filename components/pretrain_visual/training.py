"""Trains the visual network on the seen classes: the softmax baseline and DeViSE's first weights.

Section 3.2 of the paper: cross-entropy over the seen classes, random crops and flips; one centre
crop in the validation. The weights kept are those of the epoch with the best validation hit@1.
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from components.pretrain_visual.parts import LabelledImages, Parts, read_parts
from components.pretrain_visual.schedule import (
    build_optimiser,
    check_half_size,
    learning_rate,
    moving_average,
    set_learning_rate,
)
from components.pretrain_visual.start import first_model
from components.shared.device import arithmetic, autocast, pick_device, sent
from components.shared.execution.progress import LogMetrics, Progress, say
from components.shared.images.batches import augmented_batches, centre_batches, decoded_by
from components.shared.images.crops import ImageView
from components.shared.networks.epochs import HIT, SPEED, Epochs, Row, Training, resume, run_epochs
from components.shared.networks.visual_model import VisualModel, save
from components.shared.plurals import counted
from components.shared.processes.ranks import Part, is_first, own_part, part_of_batch, summed
from components.shared.processes.replicas import replicated
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore

NAME = "pretrain_visual"


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
        config: Network and training.
        image_index: Artifact of prepare_images.
        output: Folder of the artifact.
        checkpoints: Where the state after each epoch is kept.
        log: Called with each epoch's figures and its number.
        before: A finished visual model to train on, whose own weights are a candidate too: the
            best epoch may be epoch 0, before the first step.

    Returns:
        Figures of the best epoch, epochs done, images a second.

    Raises:
        ValueError: No such network, no images, weights to start from that cannot be taken, or the
            loss is no longer a number.
    """
    parts = read_parts(image_index)
    start = first_model(config, parts.classes, before, parts.unseen)
    device = pick_device()
    model = start.model.to(device)
    _introduce(model, parts, _computed(device, config.precision))
    training = Training(
        NAME, NAME, model, build_optimiser(config, model), moving_average(config, model)
    )
    resume(training, checkpoints)
    images = _images_used(config, len(parts.train.labels))
    progress = Progress(NAME, images * (config.epochs - training.epoch), "images")
    part = part_of_batch(min(config.batch_size, len(parts.train.labels)), "visual_processes")
    network = replicated(model, part)
    check_half_size(config, model)
    task = _Task(config, parts, model, network, part, training, start.epochs, progress)
    run_epochs(training, _epochs(task, start.trained, log), checkpoints)
    progress.finish()
    if is_first():
        save(model, output, training.history)
    return _summary(training)


@dataclass(frozen=True)
class _Task:
    """What an epoch needs; random numbers follow from the seed and all epochs ever.

    The network is what the model is trained through, the part this process's of each batch.
    """

    config: VisualSettings
    parts: Parts
    model: VisualModel
    network: nn.Module
    part: Part
    training: Training
    epochs_before: int
    progress: Progress

    def seed(self, epoch: int) -> list[int]:
        return [self.config.training_seed, self.epochs_before + epoch]

    @property
    def judged(self) -> VisualModel:
        """The network that is validated: the model, or the average of its weights."""
        judged = self.training.judged
        assert isinstance(judged, VisualModel)
        return judged

    def view(self, epoch: int) -> ImageView:
        """What an epoch sees of an image."""
        view = self.model.config.view
        return view.halved if epoch <= self.config.half_size_epochs else view


def _computed(device: torch.device, precision: str) -> str:
    """In what it is computed and, on a CPU, by how many threads; who decodes for a GPU says so."""
    computed_in = arithmetic(device, precision)
    if device.type != "cpu":
        return computed_in
    threads = counted(torch.get_num_threads(), "thread")
    return f"{computed_in} with {threads}, images decoded by {decoded_by(device)}"


def _introduce(model: VisualModel, parts: Parts, computed: str) -> None:
    millions = sum(parameter.numel() for parameter in model.parameters()) / 1e6
    say(
        f"{model.config.architecture}: {millions:.1f} M parameters, {len(parts.classes)} classes, "
        f"{len(parts.train.labels):,} training images, {len(parts.validation.labels):,} "
        f"validation; in {computed}"
    )


def _epochs(task: _Task, trained_before: bool, log: LogMetrics) -> Epochs:
    """All epochs; weights trained before are a candidate, measured before the first step."""

    def tell(row: Row) -> None:
        log({name: value for name, value in row.items() if name != "epoch"}, row["epoch"])
        say(_line(task.config, row))

    return Epochs(
        last=task.config.epochs,
        seed=task.seed,
        run=lambda epoch: _epoch(task, epoch),
        tell=tell,
        start=(lambda: {"epoch": 0, **_validated(task)}) if trained_before else None,
        patience=task.config.patience,
    )


def _images_used(config: VisualSettings, images: int) -> int:
    """Images of an epoch: whole batches only, since BatchNorm cannot learn from a batch of one."""
    return images - images % config.batch_size if images >= config.batch_size else images


def _epoch(task: _Task, epoch: int) -> Row:
    """Train for an epoch and validate; everything random follows from the seed and the epoch."""
    config, started = task.config, time.monotonic()
    train_loss = _train_epoch(task, epoch)
    seconds = time.monotonic() - started
    _check_finite(config, train_loss, epoch)
    return {
        "epoch": epoch,
        "train_loss": train_loss,
        **_validated(task),
        "learning_rate": learning_rate(config, epoch - 1),
        SPEED: _images_used(config, len(task.parts.train.labels)) / seconds,
    }


def _check_finite(config: VisualSettings, train_loss: float, epoch: int) -> None:
    if not math.isfinite(train_loss):
        raise ValueError(
            f"The training loss is {train_loss} in epoch {epoch}: lower visual_learning_rate "
            f"({config.learning_rate}) or raise visual_warmup_epochs ({config.warmup_epochs})."
        )


def _train_epoch(task: _Task, epoch: int) -> float:
    """Mean loss over the epoch."""
    config, images, seed = task.config, task.parts.train, task.seed(epoch)
    device = next(task.model.parameters()).device
    order = np.random.default_rng(seed).permutation(len(images.labels))
    order = order[: _images_used(config, len(order))]
    batches = augmented_batches(
        images.store, task.view(epoch), order, config.batch_size, [*seed, 1], device,
        part=task.part,
    )  # fmt: skip
    task.model.train()
    labels = sent(images.labels[order], device).split(config.batch_size)
    total, done, before = torch.zeros((), device=device), 0, task.progress.done
    for (rows, batch), own in zip(batches, labels, strict=True):
        # The middle of the batch: neither the first nor the last step has a rate of 0.
        gone = epoch - 1 + (done + len(own) / 2) / len(order)
        set_learning_rate(task.training.optimiser, learning_rate(config, gone))
        total += _step(task, batch, task.part.of(own)) * len(rows)
        done += len(own)
        task.progress.update(before + done, f"epoch {epoch} of {config.epochs}")
    return float(summed(total)) / done


def _step(task: _Task, batch: Tensor, labels: Tensor) -> Tensor:
    with autocast(batch.device, task.config.precision):
        logits = task.network(batch)
    loss = cross_entropy(logits.float(), labels, label_smoothing=task.config.label_smoothing)
    task.training.optimiser.zero_grad(set_to_none=True)
    (loss if task.part.weight == 1 else loss * task.part.weight).backward()
    task.training.optimiser.step()
    if task.training.averaged is not None:
        task.training.averaged.update_parameters(task.model)
    return loss.detach()


def _validated(task: _Task) -> Row:
    loss, hit = validate(task.config, task.judged, task.parts.validation)
    return {"validation_loss": loss, HIT: hit}


@torch.inference_mode()
def validate(
    config: VisualSettings, model: VisualModel, images: LabelledImages
) -> tuple[float, float]:
    """Mean cross-entropy and hit@1 over centre crops; scores that are no numbers hit nothing."""
    device = next(model.parameters()).device
    model.eval()
    part = own_part(len(images.labels))
    labels, done = sent(images.labels, device), part.start
    # Sums stay on the device: to read one is to wait for it.
    sums = torch.zeros(2, dtype=torch.float64, device=device)
    own_rows = part.start, part.stop
    for batch in centre_batches(
        images.store, model.config.view, config.batch_size, device, *own_rows
    ):
        with autocast(device, config.precision):
            logits = model(batch).float()
        own = labels[done : done + len(batch)]
        sums[0] += cross_entropy(logits, own, reduction="sum")
        # Of scores that are no numbers argmax names one all the same.
        sums[1] += ((logits.argmax(1) == own) & logits.isfinite().all(1)).sum()
        done += len(batch)
    loss, hits = summed(sums).tolist()
    return loss / part.whole, hits / part.whole


def _line(config: VisualSettings, row: Row) -> str:
    judged = f"validation loss {row['validation_loss']:.3f}, hit@1 {row[HIT]:.1%}"
    if row["epoch"] == 0:
        return f"before the first epoch: {judged}"
    return (
        f"epoch {row['epoch']} of {config.epochs}: loss {row['train_loss']:.3f}, {judged}, "
        f"{row[SPEED]:,.0f} images/s"
    )


def _summary(training: Training) -> dict[str, float]:
    best = training.best_row
    rates = [row[SPEED] for row in training.history if row["epoch"]]
    return {
        "best_epoch": float(best["epoch"]),
        "epochs": float(training.epoch),
        "best_validation_hit_at_1": float(best[HIT]),
        "best_validation_loss": float(best["validation_loss"]),
        "mean_images_per_second": sum(rates) / len(rates) if rates else 0.0,
    }
