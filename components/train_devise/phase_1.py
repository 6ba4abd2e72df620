"""Phase 1: the trunk is frozen and only M is trained, by SGD, on its features."""

import math
from collections.abc import Callable, Sequence
from functools import cache, partial

import torch

from components.shared.device import sent
from components.shared.execution.progress import say
from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import Training
from components.shared.networks.optimiser_state import has_fused_step
from components.shared.settings.devise import DeviseSettings
from components.train_devise.captured_steps import CapturedSteps, Views, views_that_fit
from components.train_devise.phases import SUMMED, Phase, Task, resumed, run_phase, step
from components.train_devise.validation import hit_at_1_of_features

NUMBER = 1
Epoch = Callable[[int, torch.Tensor, Sequence[float]], torch.Tensor]
"""Given the view's number, int64 [images], the rows in the order in which they are taken, and the
learning rate of each batch: trains, and gives the sums of `SUMMED`, float32 [3].
"""


def train_projection(task: Task) -> Training:
    """Train M and leave its best in the model, whose trunk stays as it is.

    Raises:
        ValueError: The loss is not finite.
    """
    config, projection = task.config, task.model.projection
    initialise(task.model, config.training_seed)
    optimiser = torch.optim.SGD(
        projection.parameters(),
        config.phase_1_learning_rate,
        momentum=config.phase_1_momentum,
        fused=has_fused_step(torch.optim.SGD, task.device),
    )
    training = resumed(task, NUMBER, projection, optimiser)
    phase = Phase(
        number=NUMBER,
        epochs=config.phase_1_epochs,
        train=_trainer(task, optimiser),
        validate=lambda: hit_at_1_of_features(task.model, task.validation),
    )
    run_phase(task, phase, training)
    return training


def initialise(model: DeviseModel, seed: int) -> None:
    """Set M before its first step.

    A raw M v enters the loss linearly, so zero is the middle; a normalised one needs a direction,
    and uniform values of variance 1 / (3 feature_dim).
    """
    generator = torch.Generator().manual_seed(seed)
    bound = 1 / math.sqrt(model.projection.in_features)
    drawn = torch.empty(model.projection.weight.shape).uniform_(-bound, bound, generator=generator)
    with torch.no_grad():
        model.projection.weight.copy_(drawn if model.config.normalise_projection else drawn * 0)
        if model.projection.bias is not None:
            model.projection.bias.zero_()


def _trainer(task: Task, optimiser: torch.optim.Optimizer) -> Callable[[int], Sequence[float]]:
    """What trains an epoch: once through one view, in random order; the rate falls by a cosine."""
    images, views = len(task.labels), task.views
    # Made with the first epoch: where all are done, nothing goes to a GPU.
    steps = cache(partial(_steps, task, optimiser))

    def train(epoch: int) -> Sequence[float]:
        order = torch.randperm(images)
        rates = _rates(task.config, epoch, -(-images // task.config.batch_size))
        means: list[float] = (steps()((epoch - 1) % len(views), order, rates) / images).tolist()
        return means

    return train


def _steps(task: Task, optimiser: torch.optim.Optimizer) -> Epoch:
    """Steps of a CUDA graph where there is a GPU with room for the features, else one by one."""
    held = views_that_fit(task.views, task.device) if task.device.type == "cuda" else 0
    if not held or len(task.labels) < task.config.batch_size:
        return steps_of(task, optimiser, task.views)
    say(f"phase 1: features of {held} view(s) on the GPU, steps recorded as a CUDA graph")
    return CapturedSteps(task, optimiser, task.views, held).epoch


def _rates(config: DeviseSettings, epoch: int, batches: int) -> list[float]:
    """Learning rate of each batch of an epoch."""
    done = ((epoch - 1 + number / batches) / config.phase_1_epochs for number in range(batches))
    return [config.phase_1_learning_rate * (1 + math.cos(math.pi * part)) / 2 for part in done]


def steps_of(task: Task, optimiser: torch.optim.Optimizer, views: Views) -> Epoch:
    """What goes once through a view, a step after the other, its features where they are."""

    def go(view: int, order: torch.Tensor, rates: Sequence[float]) -> torch.Tensor:
        batch_size = task.config.batch_size
        labels = sent(task.labels[order.numpy()], task.device).split(batch_size)
        total = torch.zeros(len(SUMMED), device=task.device)
        for rows, own, rate in zip(order.split(batch_size), labels, rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate
            features = sent(views[view][rows.numpy()], task.device)
            total += step(task, optimiser, task.model.project(features), own)
        return total

    return go
