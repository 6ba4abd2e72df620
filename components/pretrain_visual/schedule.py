"""The optimiser of the visual network, its learning rate, and what changes from step to step."""

import math

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from components.shared.networks.optimiser_state import has_fused_step
from components.shared.networks.visual_model import VisualModel, check_input_size
from components.shared.settings.visual import VisualSettings


def learning_rate(config: VisualSettings, epochs_done: float) -> float:
    """Linear warm-up from 0, then half a cosine down to 0 at the last of all epochs.

    Args:
        config: Highest rate, epochs, epochs of warm-up.
        epochs_done: Epochs gone by, with the part of the present one.
    """
    if epochs_done < config.warmup_epochs:
        return config.learning_rate * epochs_done / config.warmup_epochs
    left = max(config.epochs - config.warmup_epochs, 1e-9)
    done = min(1.0, (epochs_done - config.warmup_epochs) / left)
    return config.learning_rate * (1 + math.cos(math.pi * done)) / 2


def build_optimiser(config: VisualSettings, model: nn.Module) -> torch.optim.SGD:
    """SGD with Nesterov momentum; no weight decay on biases and normalisation layers."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(
        [group for group in groups if group["params"]],
        lr=config.learning_rate,
        momentum=config.momentum,
        nesterov=config.momentum > 0,
        fused=has_fused_step(torch.optim.SGD, parameters[0].device),
    )


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set the rate of the next step."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def moving_average(config: VisualSettings, model: nn.Module) -> AveragedModel | None:
    """An average of the weights and of BatchNorm's statistics, with an exponential decay a step.

    Returns:
        What `update_parameters` is to be called on after each step; None: none is asked for.
    """
    if config.averaging == 0:
        return None
    decayed = get_ema_multi_avg_fn(config.averaging)
    return AveragedModel(model, multi_avg_fn=decayed, use_buffers=True)


def check_half_size(config: VisualSettings, model: VisualModel) -> None:
    """Refuse, before the first step, crops of half the side that the network cannot take.

    Raises:
        ValueError: It cannot.
    """
    if not config.half_size_epochs:
        return
    try:
        check_input_size(model, model.config.view.halved.input_size)
    except ValueError as error:
        raise ValueError(
            f"visual_half_size_epochs is {config.half_size_epochs}: set it to 0, since {error}"
        ) from error
