"""Epochs that can be resumed, the best of them kept: of DeViSE's two phases and of pretraining.

A checkpoint after each epoch holds weights, optimiser state, the best weights so far and the
history. Torch is seeded anew for each epoch, so no generator state has to be kept: a training that
was killed and resumed ends as an undisturbed one does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from components.shared.device import reseed
from components.shared.execution.progress import say
from components.shared.networks.optimiser_state import optimiser_arrays, restore_optimiser
from components.shared.processes.ranks import is_first
from components.shared.storage.checkpoint import CheckpointStore

HIT = "validation_hit_at_1"
"""The figure of a row that the best epoch is chosen by."""
SPEED = "images_per_second"
"""The figure of a row that no seed repeats."""

Row = dict[str, Any]
Weights = dict[str, torch.Tensor]


@dataclass
class Training:
    """What is trained, and how far it has come.

    Attributes:
        name: Of its checkpoint.
        label: What the person who waits reads.
        module: What is trained; its weights are kept.
        optimiser: Over the weights of `module`.
        averaged: A moving average of its weights, which is judged and kept in its place; None: it
            is kept itself.
        best: The weights with the best validation hit@1, on the CPU.
        history: A row an epoch, each with `epoch` and `HIT`; epoch 0 is before the first step.
    """

    name: str
    label: str
    module: nn.Module
    optimiser: torch.optim.Optimizer
    averaged: AveragedModel | None = None
    best: Weights = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)

    @property
    def judged(self) -> nn.Module:
        """What is validated, and kept where it is the best so far."""
        return self.module if self.averaged is None else self.averaged.module

    @property
    def epoch(self) -> int:
        """The last finished epoch; 0 before the first."""
        return int(self.history[-1]["epoch"]) if self.history else 0

    @property
    def best_row(self) -> Row:
        """The history's row of the best epoch; of equal ones the first."""
        return max(self.history, key=lambda row: float(row[HIT]))


@dataclass(frozen=True)
class Epochs:
    """What an epoch is, and how many there are.

    Attributes:
        last: The number of the last epoch, counted from 1.
        seed: Gives what the random numbers of an epoch are drawn from.
        run: Trains and validates an epoch; returns its row of the history.
        tell: Takes each row once it is safe.
        start: Returns the row of epoch 0, whose weights are a candidate too; None: they are none.
        patience: Epochs without a better validation hit@1 that end it; 0: they never do.
    """

    last: int
    seed: Callable[[int], Sequence[int]]
    run: Callable[[int], Row]
    tell: Callable[[Row], None]
    start: Callable[[], Row] | None = None
    patience: int = 0


def resume(training: Training, checkpoints: CheckpointStore) -> None:
    """Put back what the last checkpoint kept; nothing happens where there is none."""
    kept = checkpoints.load(training.name)
    if kept is None:
        return
    arrays, metadata = kept
    training.module.load_state_dict(_weights("model.", arrays, training.module))
    if training.averaged is not None:
        training.averaged.load_state_dict(_weights("averaged.", arrays, training.averaged))
    restore_optimiser(training.optimiser, _group("optimiser.", arrays))
    training.best = _weights("best.", arrays, training.module)
    training.history = metadata["history"]
    say(f"{training.label}: resumed after epoch {training.epoch}")


def run_epochs(training: Training, epochs: Epochs, checkpoints: CheckpointStore) -> None:
    """Train the epochs that are not done yet and leave the best weights in `training.module`."""
    assert epochs.last or epochs.start is not None, "no weights would be a candidate"
    if epochs.start is not None and not training.history:
        _finish(training, epochs.start())
        epochs.tell(training.history[-1])
    while not is_over(training.history, epochs.last, epochs.patience):
        epoch = training.epoch + 1
        reseed(epochs.seed(epoch))
        _finish(training, epochs.run(epoch))
        if is_first():
            _save(training, checkpoints)
        epochs.tell(training.history[-1])
    training.module.load_state_dict(training.best)


def is_over(history: Sequence[Row], last: int, patience: int = 0) -> bool:
    """Whether no epoch follows: all are done, or hit@1 has not risen for `patience` epochs."""
    if not history:
        return False
    done = history[-1]["epoch"]
    best = max(history, key=lambda row: float(row[HIT]))["epoch"]
    return bool(done >= last or (patience and done - best >= patience))


def _finish(training: Training, row: Row) -> None:
    """Note an epoch's figures, and its weights where they are the best so far."""
    training.history.append(row)
    if training.best_row is row:
        weights = training.judged.state_dict()
        copied = {name: tensor.detach().cpu().clone() for name, tensor in weights.items()}
        training.best = _replaced(training.module, copied)


def _save(training: Training, checkpoints: CheckpointStore) -> None:
    groups: dict[str, Mapping[str, np.ndarray]] = {
        "model.": _arrays(training.module.state_dict()),
        "best.": _arrays(training.best),
        "optimiser.": optimiser_arrays(training.optimiser),
        "averaged.": _arrays(training.averaged.state_dict()) if training.averaged else {},
    }
    tensors = {
        prefix + name: array for prefix, group in groups.items() for name, array in group.items()
    }
    checkpoints.save(training.name, tensors, {"history": training.history})


def _arrays(weights: Mapping[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in weights.items()}


def _group(prefix: str, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key[len(prefix) :]: array for key, array in arrays.items() if key.startswith(prefix)}


def _weights(prefix: str, arrays: Mapping[str, np.ndarray], module: nn.Module) -> Weights:
    # A checkpoint gives a scalar, such as BatchNorm's counter, as an array of one element.
    shapes = {name: tensor.shape for name, tensor in module.state_dict().items()}
    group = _group(prefix, arrays)
    return _replaced(
        module,
        {name: torch.from_numpy(group[name]).reshape(shape) for name, shape in shapes.items()},
    )


def _replaced(module: nn.Module, weights: Weights) -> Weights:
    """Put weights into a state_dict, which keeps the layers' versions beside the tensors."""
    state = module.state_dict()
    state.update(weights)
    return state
