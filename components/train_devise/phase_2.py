"""Phase 2: the loss is propagated back into the trunk too; everything is trained, by Adagrad."""

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from components.shared.device import sent
from components.shared.execution.progress import Progress
from components.shared.images.batches import augmented_batches
from components.shared.networks.devise_model import DeviseModel
from components.shared.networks.epochs import Training
from components.shared.networks.optimiser_state import has_fused_step
from components.shared.processes.ranks import summed
from components.shared.processes.replicas import replicated
from components.shared.settings.devise import DeviseSettings
from components.train_devise.phases import SUMMED, Phase, Task, resumed, run_phase, step
from components.train_devise.validation import hit_at_1_of_features, hit_at_1_of_images

NUMBER = 2


def train_network(task: Task) -> Training:
    """Train trunk and M from phase 1's best and leave the best of both phases in the model.

    Validation hit@1 is measured before the first step, so that phase 1's best takes part. Where no
    epoch follows, the features tell it and no image is read.

    Raises:
        ValueError: The loss is not finite.
    """
    config, model = task.config, task.model
    training = resumed(task, NUMBER, model, _adagrad(config, model))
    network, task = replicated(model, task.part), replace(task, loss=task.loss_of_part)
    phase = Phase(
        number=NUMBER,
        epochs=config.phase_2_epochs,
        train=lambda epoch: _train(epoch, task, network, training.optimiser),
        validate=partial(_validate, task),
    )
    run_phase(task, phase, training)
    return training


def _validate(task: Task) -> float:
    if task.config.phase_2_epochs == 0:
        return hit_at_1_of_features(task.model, task.validation)
    return hit_at_1_of_images(task.model, task.config.batch_size, task.validation)


def train_mode(model: DeviseModel, freeze_batchnorm: bool, dropout: bool) -> None:
    """Let BatchNorm train too, or keep its running statistics; switch dropout on or off."""
    model.train()
    for module in model.modules():
        if freeze_batchnorm and isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()
        if not dropout and isinstance(module, nn.modules.dropout._DropoutNd):
            module.eval()


def _adagrad(config: DeviseSettings, model: DeviseModel) -> torch.optim.Adagrad:
    groups = [
        {"params": list(model.projection.parameters()), "lr": config.phase_2_learning_rate},
        {"params": list(model.trunk.parameters()), "lr": config.phase_2_trunk_learning_rate},
    ]
    fused = has_fused_step(torch.optim.Adagrad, model.projection.weight.device)
    return torch.optim.Adagrad(
        groups, initial_accumulator_value=config.phase_2_accumulator, fused=fused
    )


def _whole_batches(images: int, batch_size: int) -> np.ndarray:
    """Shuffle the images and leave out the last, partial batch, which BatchNorm may not bear."""
    order = torch.randperm(images).numpy()
    return order[: images - images % batch_size] if images >= batch_size else order


def _train(
    epoch: int, task: Task, network: nn.Module, optimiser: torch.optim.Optimizer
) -> list[float]:
    config, model, part = task.config, task.model, task.part
    train_mode(model, config.freeze_batchnorm, config.dropout)
    order = _whole_batches(len(task.store), config.batch_size)
    progress = Progress(f"train_devise: phase 2, epoch {epoch}", len(order), "images")
    labels = sent(task.labels[order], task.device).split(config.batch_size)
    total, done = torch.zeros(len(SUMMED), device=task.device), 0
    batches = augmented_batches(
        task.store,
        model.config.visual.view,
        order,
        config.batch_size,
        (config.training_seed, NUMBER, epoch),
        task.device,
        part=part,
    )
    for (_, images), own in zip(batches, labels, strict=True):
        total += step(task, optimiser, network(images), part.of(own), part.weight)
        done += len(own)
        progress.update(done)
    progress.finish()
    means: list[float] = (summed(total) / done).tolist()
    return means
