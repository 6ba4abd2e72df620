"""The state that pretraining goes on from after an epoch, and its checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from components.shared.checkpoint import CheckpointStore
from components.shared.visual_model import VisualModel

CHECKPOINT = "pretrain_visual"
HIT = "validation_hit_at_1"


@dataclass
class TrainingState:
    """All that changes in training.

    Attributes:
        model: the network.
        optimiser: with its momentum.
        best: weights after the epoch with the best validation hit@1.
        history: a dictionary per finished epoch.
    """

    model: VisualModel
    optimiser: torch.optim.SGD
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def best_epoch(self) -> dict[str, Any]:
        """The history of the epoch with the best validation hit@1, the first of equals."""
        return max(self.history, key=lambda epoch: epoch[HIT])

    def finish_epoch(self, epoch: dict[str, Any]) -> None:
        """Note an epoch's figures, and its weights where they are the best so far."""
        self.history.append(epoch)
        if self.best_epoch is epoch:
            self.best = {name: value.clone() for name, value in self.model.state_dict().items()}


def save_state(state: TrainingState, checkpoints: CheckpointStore) -> None:
    """Keep the state; it replaces the one before."""
    momentum = {
        str(number): state.optimiser.state[parameter]["momentum_buffer"]
        for number, parameter in enumerate(_parameters(state.optimiser))
        if state.optimiser.state[parameter].get("momentum_buffer") is not None
    }
    parts = {"model": state.model.state_dict(), "best": state.best, "momentum": momentum}
    arrays = {
        f"{part}/{name}": value.cpu().numpy()
        for part, tensors in parts.items()
        for name, value in tensors.items()
    }
    checkpoints.save(CHECKPOINT, arrays, {"history": state.history})


def restore_state(state: TrainingState, checkpoints: CheckpointStore) -> None:
    """Put back what was kept; nothing happens where nothing was."""
    kept = checkpoints.load(CHECKPOINT)
    if kept is None:
        return
    arrays, metadata = kept
    shapes = state.model.state_dict()
    state.model.load_state_dict(_tensors(arrays, "model", shapes))
    device = next(state.model.parameters()).device
    state.best = {k: v.to(device) for k, v in _tensors(arrays, "best", shapes).items()}
    state.history = metadata["history"]
    for number, parameter in enumerate(_parameters(state.optimiser)):
        if (array := arrays.get(f"momentum/{number}")) is not None:
            buffer = torch.empty_like(parameter, requires_grad=False)
            buffer.copy_(torch.from_numpy(array).reshape(parameter.shape))
            state.optimiser.state[parameter]["momentum_buffer"] = buffer


def _tensors(
    arrays: Mapping[str, np.ndarray], part: str, shapes: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Tensors of one part; arrays without dimensions come back with one, hence the shapes."""
    return {
        name: torch.from_numpy(arrays[f"{part}/{name}"]).reshape(shape.shape)
        for name, shape in shapes.items()
    }


def _parameters(optimiser: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]
