"""What both phases share: epochs that can be resumed, and the best of them kept.

A checkpoint after each epoch holds weights, optimiser state, the best weights so far and the
history. Torch is seeded anew from (seed, phase, epoch), so no generator state has to be kept.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from components.shared.device import reseed
from components.shared.execution.progress import LogMetrics, say
from components.shared.networks.optimiser_state import optimiser_arrays, restore_optimiser
from components.shared.storage.checkpoint import CheckpointStore

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Phase:
    """One phase of training.

    Attributes:
        number: 1 or 2.
        label: What the person who waits reads.
        seed: Of the run.
        epochs: How many there are.
        images: Of one epoch.
        module: What is trained; its weights are kept.
        optimiser: Over the weights of `module`.
        train_epoch: Trains one epoch (counted from 1); returns loss and share of violated margins.
        validate: Returns validation hit@1.
    """

    number: int
    label: str
    seed: int
    epochs: int
    images: int
    module: nn.Module
    optimiser: torch.optim.Optimizer
    train_epoch: Callable[[int], tuple[float, float]]
    validate: Callable[[], float]


@dataclass
class PhaseState:
    """How far a phase has come.

    Attributes:
        best: The weights with the best validation hit@1, on the CPU.
        history: One row an epoch; epoch 0 is before the first step.
    """

    best: Weights
    history: list[dict[str, Any]]

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return int(self.history[-1]["epoch"])

    @property
    def best_row(self) -> dict[str, Any]:
        """The history's row of the best epoch; of equal ones the first."""
        return max(self.history, key=lambda row: float(row["validation_hit_at_1"]))


def run_phase(phase: Phase, checkpoints: CheckpointStore, log: LogMetrics) -> PhaseState:
    """Train the epochs that are not done yet and leave the best weights in `phase.module`.

    Raises:
        ValueError: The loss is not finite.
    """
    state = _resumed(phase, checkpoints) or _started(phase, log)
    for epoch in range(state.epoch + 1, phase.epochs + 1):
        reseed((phase.seed, phase.number, epoch))
        started = time.monotonic()
        loss, violated = phase.train_epoch(epoch)
        rate = phase.images / (time.monotonic() - started)
        _check_finite(loss, phase.number, epoch)
        figures = {"loss": loss, "violated_margins": violated}
        _append(phase, state, figures, log, {"images_per_second": rate})
        _save(phase, state, checkpoints)
    phase.module.load_state_dict(state.best)
    return state


def finished_phase(
    number: int, epochs: int, module: nn.Module, checkpoints: CheckpointStore
) -> PhaseState | None:
    """Load a phase that was finished before; its best weights go into `module`."""
    loaded = checkpoints.load(_name(number))
    if loaded is None or int(loaded[1]["history"][-1]["epoch"]) < epochs:
        return None
    state = PhaseState(_weights("best.", loaded[0], module), loaded[1]["history"])
    module.load_state_dict(state.best)
    return state


def _name(number: int) -> str:
    return f"phase_{number}"


def _started(phase: Phase, log: LogMetrics) -> PhaseState:
    state = PhaseState({}, [])
    _append(phase, state, {}, log, {})
    return state


def _append(
    phase: Phase,
    state: PhaseState,
    figures: Mapping[str, float],
    log: LogMetrics,
    timing: Mapping[str, float],
) -> None:
    """Keep an epoch's figures; its timing is logged only, so that the model stays reproducible."""
    epoch = state.epoch + 1 if state.history else 0
    figures = {**figures, "validation_hit_at_1": phase.validate()}
    state.history.append({"phase": phase.number, "epoch": epoch, **figures})
    if state.best_row is state.history[-1]:
        state.best = _replaced(
            phase.module,
            {name: t.detach().cpu().clone() for name, t in phase.module.state_dict().items()},
        )
    logged = {**figures, **timing}
    log({f"phase_{phase.number}/{name}": value for name, value in logged.items()}, epoch)
    text = ", ".join(f"{name} {value:.4f}" for name, value in figures.items())
    say(f"{phase.label}, phase {phase.number}, epoch {epoch} of {phase.epochs}: {text}")


def _save(phase: Phase, state: PhaseState, checkpoints: CheckpointStore) -> None:
    groups: dict[str, Mapping[str, np.ndarray]] = {
        "model.": _arrays(phase.module.state_dict()),
        "best.": _arrays(state.best),
        "optimiser.": optimiser_arrays(phase.optimiser),
    }
    tensors = {
        prefix + name: array for prefix, group in groups.items() for name, array in group.items()
    }
    checkpoints.save(_name(phase.number), tensors, {"history": state.history})


def _resumed(phase: Phase, checkpoints: CheckpointStore) -> PhaseState | None:
    loaded = checkpoints.load(_name(phase.number))
    if loaded is None:
        return None
    arrays, metadata = loaded
    phase.module.load_state_dict(_weights("model.", arrays, phase.module))
    restore_optimiser(phase.optimiser, _group("optimiser.", arrays))
    state = PhaseState(_weights("best.", arrays, phase.module), metadata["history"])
    say(f"{phase.label}, phase {phase.number}: resumed after epoch {state.epoch}")
    return state


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


def _check_finite(loss: float, number: int, epoch: int) -> None:
    if not math.isfinite(loss):
        raise ValueError(
            f"The loss of phase {number}, epoch {epoch}, is not finite; lower "
            f"devise_phase_{number}_learning_rate."
        )
