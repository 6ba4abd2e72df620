"""The state that pretraining goes on from after an epoch, and its checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from components.shared.networks.optimiser_state import optimiser_arrays, restore_optimiser
from components.shared.networks.visual_model import VisualModel, load_weights
from components.shared.storage.checkpoint import CheckpointStore

CHECKPOINT = "pretrain_visual"
HIT = "validation_hit_at_1"


@dataclass
class TrainingState:
    """All that changes in training.

    Attributes:
        model: the network.
        optimiser: with its momentum.
        best: weights after the epoch with the best validation hit@1.
        history: a dictionary per finished epoch; epoch 0 is before the first step.
    """

    model: VisualModel
    optimiser: torch.optim.SGD
    best: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The last finished epoch; 0 before the first."""
        return int(self.history[-1]["epoch"]) if self.history else 0

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
    parts = {
        "model": _arrays(state.model.state_dict()),
        "best": _arrays(state.best),
        "optimiser": optimiser_arrays(state.optimiser),
    }
    arrays = {f"{part}/{k}": array for part, named in parts.items() for k, array in named.items()}
    checkpoints.save(CHECKPOINT, arrays, {"history": state.history})


def restore_state(state: TrainingState, checkpoints: CheckpointStore) -> None:
    """Put back what was kept; nothing happens where nothing was."""
    kept = checkpoints.load(CHECKPOINT)
    if kept is None:
        return
    arrays, metadata = kept
    shapes = state.model.state_dict()
    load_weights(state.model, _tensors(_part(arrays, "model"), shapes), state.model.config)
    device = next(state.model.parameters()).device
    best = _tensors(_part(arrays, "best"), shapes)
    state.best = {name: value.to(device) for name, value in best.items()}
    state.history = metadata["history"]
    restore_optimiser(state.optimiser, _part(arrays, "optimiser"))


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    return {name: value.cpu().numpy() for name, value in tensors.items()}


def _part(arrays: Mapping[str, np.ndarray], part: str) -> dict[str, np.ndarray]:
    start = f"{part}/"
    return {k.removeprefix(start): array for k, array in arrays.items() if k.startswith(start)}


def _tensors(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Arrays as tensors; those without dimensions come back with one, hence the shapes."""
    return {
        name: torch.from_numpy(arrays[name]).reshape(shape.shape) for name, shape in shapes.items()
    }
