"""Phase 2: the loss is propagated back into the trunk too; everything is trained, by Adagrad."""

import numpy as np
import torch
from torch import nn

from components.shared.execution.progress import LogMetrics, Progress
from components.shared.images.batches import augmented_batches
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import Phase, PhaseState, run_phase
from components.shared.settings.devise import DeviseConfig
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.losses.problem import Loss
from components.train_devise.validation import Validation, hit_at_1_of_images

NUMBER = 2


def train_network(
    config: DeviseConfig,
    model: DeviseModel,
    loss: Loss,
    store: ImageStore,
    labels: np.ndarray,
    validation: Validation,
    checkpoints: CheckpointStore,
    log: LogMetrics,
) -> PhaseState:
    """Train trunk and M from phase 1's best and leave the best of both phases in the model.

    Validation hit@1 is measured before the first step, so that phase 1's best takes part.

    Args:
        config: The stage's parameters.
        model: With the projection of phase 1.
        loss: Over the training labels' targets.
        store: The training images.
        labels: int64 [images], the row of each one's target.
        validation: What the best epoch is chosen on.
        checkpoints: Where an interrupted phase goes on from.
        log: Takes the figures of each epoch.
    """
    optimiser = _adagrad(config, model)
    phase = Phase(
        number=NUMBER,
        label=f"train_devise ({config.model_name})",
        seed=config.training_seed,
        epochs=config.phase_2_epochs,
        images=len(labels),
        module=model,
        optimiser=optimiser,
        train_epoch=lambda epoch: _epoch(epoch, config, model, loss, store, labels, optimiser),
        validate=lambda: hit_at_1_of_images(model, config.batch_size, validation),
    )
    return run_phase(phase, checkpoints, log)


def train_mode(model: DeviseModel, freeze_batchnorm: bool, dropout: bool) -> None:
    """Let BatchNorm train too, or keep its running statistics; switch dropout on or off."""
    model.train()
    for module in model.modules():
        if freeze_batchnorm and isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
        if not dropout and isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()


def _adagrad(config: DeviseConfig, model: DeviseModel) -> torch.optim.Adagrad:
    groups = [
        {"params": list(model.projection.parameters()), "lr": config.phase_2_learning_rate},
        {"params": list(model.trunk.parameters()), "lr": config.phase_2_trunk_learning_rate},
    ]
    return torch.optim.Adagrad(groups, initial_accumulator_value=config.phase_2_accumulator)


def _whole_batches(images: int, batch_size: int) -> np.ndarray:
    """Shuffle the images and leave out the last, partial batch, which BatchNorm may not bear."""
    order = torch.randperm(images).numpy()
    return order[: images - images % batch_size] if images >= batch_size else order


def _epoch(
    epoch: int,
    config: DeviseConfig,
    model: DeviseModel,
    loss: Loss,
    store: ImageStore,
    labels: np.ndarray,
    optimiser: torch.optim.Optimizer,
) -> tuple[float, float]:
    train_mode(model, config.freeze_batchnorm, config.dropout)
    device = model.projection.weight.device
    order = _whole_batches(len(store), config.batch_size)
    progress = Progress(f"train_devise: phase 2, epoch {epoch}", len(order), "images")
    total, done = torch.zeros(2, device=device), 0
    seed = (config.training_seed, NUMBER, epoch)
    view = model.config.visual.view
    for rows, images in augmented_batches(store, view, order, config.batch_size, seed, device):
        truth = torch.from_numpy(labels[rows]).to(device)
        value, violated = loss(model(images), truth)
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
        total += torch.stack([value.detach(), violated]) * len(rows)
        done += len(rows)
        progress.update(done)
    progress.finish()
    mean_loss, share = (total / done).tolist()
    return mean_loss, share
