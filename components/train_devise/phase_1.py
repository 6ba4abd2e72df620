"""Phase 1: the trunk is frozen and only M is trained, by SGD, on its features."""

import math

import torch

from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import Training
from components.train_devise.phases import Phase, Task, resumed, run_phase, step
from components.train_devise.validation import hit_at_1_of_features

NUMBER = 1


def train_projection(task: Task) -> Training:
    """Train M and leave its best in the model, whose trunk stays as it is.

    Raises:
        ValueError: The loss is not finite.
    """
    config, projection = task.config, task.model.projection
    initialise(task.model, config.training_seed)
    optimiser = torch.optim.SGD(
        projection.parameters(), config.phase_1_learning_rate, momentum=config.phase_1_momentum
    )
    training = resumed(task, NUMBER, projection, optimiser)
    phase = Phase(
        number=NUMBER,
        epochs=config.phase_1_epochs,
        train=lambda epoch: _train(epoch, task, optimiser),
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


def _train(epoch: int, task: Task, optimiser: torch.optim.Optimizer) -> tuple[float, float]:
    """Go once through one view, in random order; the learning rate falls by a cosine."""
    config, features = task.config, task.views[(epoch - 1) % len(task.views)]
    labels = torch.from_numpy(task.labels)
    batches = torch.randperm(len(labels)).split(config.batch_size)
    total = torch.zeros(2, device=task.device)
    for number, rows in enumerate(batches):
        done = (epoch - 1 + number / len(batches)) / config.phase_1_epochs
        rate = config.phase_1_learning_rate * (1 + math.cos(math.pi * done)) / 2
        optimiser.param_groups[0]["lr"] = rate
        projected = task.model.project(features.take(rows).to(task.device))
        total += step(task, optimiser, projected, labels[rows])
    mean_loss, share = (total / len(labels)).tolist()
    return mean_loss, share
