"""Phase 1: the trunk is frozen and only M is trained, by SGD, on cached features."""

import math
import tempfile
from pathlib import Path

import numpy as np
import torch

from components.shared.execution.progress import LogMetrics
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import Phase, PhaseState, finished_phase, run_phase
from components.shared.settings.devise import DeviseConfig
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.feature_cache import cache_views, centre_features
from components.train_devise.losses.problem import Loss
from components.train_devise.validation import Validation, hit_at_1_of_features

NUMBER = 1


def train_projection(
    config: DeviseConfig,
    model: DeviseModel,
    loss: Loss,
    store: ImageStore,
    labels: np.ndarray,
    validation: Validation,
    checkpoints: CheckpointStore,
    log: LogMetrics,
) -> PhaseState:
    """Train M and leave its best in the model.

    Args:
        config: The stage's parameters.
        model: Its trunk stays as it is.
        loss: Over the training labels' targets.
        store: The training images.
        labels: int64 [images], the row of each one's target.
        validation: What the best epoch is chosen on.
        checkpoints: Where an interrupted phase goes on from.
        log: Takes the figures of each epoch.
    """
    finished = finished_phase(NUMBER, config.phase_1_epochs, model.projection, checkpoints)
    if finished is not None:
        return finished
    initialise(model, config.training_seed)
    with tempfile.TemporaryDirectory(prefix="devise-features-") as folder:
        seed = (config.training_seed, NUMBER)
        views = cache_views(
            model, store, config.phase_1_views, config.batch_size, seed, Path(folder)
        )
        held_out = centre_features(model, validation.store, config.batch_size)
        optimiser = torch.optim.SGD(
            model.projection.parameters(),
            config.phase_1_learning_rate,
            momentum=config.phase_1_momentum,
        )
        phase = Phase(
            number=NUMBER,
            label=f"train_devise ({config.model_name})",
            seed=config.training_seed,
            epochs=config.phase_1_epochs,
            images=len(labels),
            module=model.projection,
            optimiser=optimiser,
            train_epoch=lambda epoch: _epoch(epoch, config, model, loss, views, labels, optimiser),
            validate=lambda: hit_at_1_of_features(model, held_out, validation),
        )
        return run_phase(phase, checkpoints, log)


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


def _epoch(
    epoch: int,
    config: DeviseConfig,
    model: DeviseModel,
    loss: Loss,
    views: np.ndarray,
    labels: np.ndarray,
    optimiser: torch.optim.Optimizer,
) -> tuple[float, float]:
    """Go once through one cached view, in random order; the learning rate falls by a cosine."""
    device = model.projection.weight.device
    features = torch.from_numpy(views[(epoch - 1) % len(views)])
    truth = torch.from_numpy(labels)
    batches = torch.randperm(len(labels)).split(config.batch_size)
    total = torch.zeros(2, device=device)
    for step, rows in enumerate(batches):
        progress = (epoch - 1 + step / len(batches)) / config.phase_1_epochs
        rate = config.phase_1_learning_rate * (1 + math.cos(math.pi * progress)) / 2
        optimiser.param_groups[0]["lr"] = rate
        projected = model.project(features[rows].to(device))
        value, violated = loss(projected, truth[rows].to(device))
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        total += torch.stack([value.detach(), violated]) * len(rows)
    mean_loss, share = (total / len(labels)).tolist()
    return mean_loss, share
