"""What both phases share: what they are given, a step, and how an epoch is noted and told."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from components.shared.artifacts.features import FeatureView
from components.shared.execution.progress import LogMetrics, say
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import HIT, SPEED, Epochs, Row, Training, resume, run_epochs
from components.shared.processes.ranks import Part
from components.shared.settings.devise import DeviseSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.losses.problem import Loss
from components.train_devise.validation import Validation

SUMMED = ("loss", "violated_margins", "violating_images")
"""What a step adds up: the loss, the share of the margins to false labels that are violated, and
whether one is, over images."""


@dataclass(frozen=True)
class Task:
    """What is trained on what.

    Attributes:
        config: The stage's parameters.
        model: The one that both phases train.
        loss: Over the training labels' targets.
        store: The training images.
        views: The frozen trunk's features of augmented views of them, for phase 1.
        labels: int64 [images], the row of each one's target.
        validation: What the best epoch is chosen on.
        checkpoints: Where an interrupted phase goes on from.
        log: Takes the figures of each epoch.
        part: Which images of each batch are this process's.
        loss_of_part: Over those, as part of the whole batch's.
    """

    config: DeviseSettings
    model: DeviseModel
    loss: Loss
    store: ImageStore
    views: Sequence[FeatureView]
    labels: np.ndarray
    validation: Validation
    checkpoints: CheckpointStore
    log: LogMetrics
    part: Part
    loss_of_part: Loss

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.projection.weight.device


@dataclass(frozen=True)
class Phase:
    """One phase of training.

    Attributes:
        number: 1 or 2.
        epochs: How many there are.
        train: Trains one epoch (counted from 1); returns the means of `SUMMED`.
        validate: Returns validation hit@1.
    """

    number: int
    epochs: int
    train: Callable[[int], Sequence[float]]
    validate: Callable[[], float]


def resumed(
    task: Task, number: int, module: nn.Module, optimiser: torch.optim.Optimizer
) -> Training:
    """Return the training of `module` in a phase, as the last checkpoint left it."""
    label = f"train_devise ({task.config.model_name}), phase {number}"
    training = Training(f"phase_{number}", label, module, optimiser)
    resume(training, task.checkpoints)
    return training


def run_phase(task: Task, phase: Phase, training: Training) -> None:
    """Train the epochs that are not done yet and leave the best weights in the module.

    The weights before the first step are a candidate too.

    Raises:
        ValueError: The loss is not finite.
    """
    epochs = Epochs(
        last=phase.epochs,
        seed=lambda epoch: (task.config.training_seed, phase.number, epoch),
        run=lambda epoch: _epoch(task, phase, epoch),
        tell=lambda row: _tell(task, phase, training, row),
        start=lambda: {"phase": phase.number, "epoch": 0, HIT: phase.validate()},
    )
    run_epochs(training, epochs, task.checkpoints)


def step(
    task: Task,
    optimiser: torch.optim.Optimizer,
    projected: torch.Tensor,
    labels: torch.Tensor,
    weight: float = 1.0,
) -> torch.Tensor:
    """Go one step down the loss of a batch.

    Args:
        task: What is trained.
        optimiser: Takes the step.
        projected: float32 [B, dim], M v.
        labels: int64 [B], the row of each image's target, where M v is.
        weight: What this process's loss counts in the mean over processes.

    Returns:
        float32 [3], the sums over the batch of what `SUMMED` names.
    """
    value, shares = task.loss(projected, labels)
    optimiser.zero_grad()
    (value if weight == 1 else value * weight).backward()
    optimiser.step()
    return torch.stack([value.detach(), shares.mean(), (shares > 0).float().mean()]) * len(labels)


def _epoch(task: Task, phase: Phase, epoch: int) -> Row:
    started = time.monotonic()
    trained = dict(zip(SUMMED, phase.train(epoch), strict=True))
    speed = len(task.labels) / (time.monotonic() - started)
    _check_finite(trained["loss"], phase.number, epoch)
    figures = {**trained, HIT: phase.validate()}
    return {"phase": phase.number, "epoch": epoch, **figures, SPEED: speed}


def _tell(task: Task, phase: Phase, training: Training, row: Row) -> None:
    figures = {name: value for name, value in row.items() if name not in ("phase", "epoch")}
    task.log({f"phase_{phase.number}/{name}": figures[name] for name in figures}, row["epoch"])
    said = [f"{name} {value:.4f}" for name, value in figures.items() if name != SPEED]
    say(f"{training.label}, epoch {row['epoch']} of {phase.epochs}: {', '.join(said)}")


def _check_finite(loss: float, number: int, epoch: int) -> None:
    if not math.isfinite(loss):
        raise ValueError(
            f"The loss of phase {number}, epoch {epoch}, is not finite; lower "
            f"devise_phase_{number}_learning_rate."
        )
