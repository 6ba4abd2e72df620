from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from components.shared.networks.epochs import (
    HIT,
    Epochs,
    Row,
    Training,
    is_over,
    resume,
    run_epochs,
)
from components.shared.storage.checkpoint import CheckpointStore

HITS = (0.1, 0.3, 0.2, 0.3, 0.2)


class Killed(Exception):
    pass


def made() -> Training:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    return Training("small", "small", module, torch.optim.Adagrad(module.parameters(), lr=0.1))


def epochs_of(training: Training, last: int = 4, dies_at: int | None = None) -> Epochs:
    """Epochs on points drawn from torch's random numbers, with hits given beforehand."""

    def run(epoch: int) -> Row:
        training.module.train()
        loss = training.module(torch.randn(8, 3)).square().sum()
        training.optimiser.zero_grad()
        loss.backward()
        training.optimiser.step()
        return {"epoch": epoch, "loss": loss.item(), HIT: HITS[epoch]}

    def tell(row: Row) -> None:
        if row["epoch"] == dies_at:
            raise Killed

    start = {"epoch": 0, HIT: HITS[0]}
    return Epochs(last, lambda epoch: (7, epoch), run, tell, lambda: start)


@pytest.fixture(name="checkpoints")
def store(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(str(tmp_path))


def weights_of(training: Training) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in training.module.state_dict().items()}


def assert_same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("dies_at", [0, 1, 2, 3, 4])
def test_killed_after_any_epoch_it_ends_as_if_undisturbed(
    checkpoints: CheckpointStore, tmp_path: Path, dies_at: int
) -> None:
    undisturbed = made()
    run_epochs(undisturbed, epochs_of(undisturbed), CheckpointStore(str(tmp_path / "other")))
    killed = made()
    with pytest.raises(Killed):
        run_epochs(killed, epochs_of(killed, dies_at=dies_at), checkpoints)
    resumed = made()
    resume(resumed, checkpoints)
    assert resumed.epoch == dies_at
    run_epochs(resumed, epochs_of(resumed), checkpoints)
    assert resumed.history == undisturbed.history
    assert_same(weights_of(resumed), weights_of(undisturbed))


def test_the_first_of_the_best_epochs_is_left_in_the_module(checkpoints: CheckpointStore) -> None:
    training, only_the_best = made(), made()
    run_epochs(training, epochs_of(training), checkpoints)
    assert training.best_row["epoch"] == 1
    run_epochs(only_the_best, epochs_of(only_the_best, last=1), checkpoints)
    assert_same(weights_of(training), weights_of(only_the_best))


def test_where_no_epoch_is_better_the_first_weights_are_kept(checkpoints: CheckpointStore) -> None:
    training = made()
    before = weights_of(training)
    epochs = replace(epochs_of(training), start=lambda: {"epoch": 0, HIT: 0.9})
    run_epochs(training, epochs, checkpoints)
    assert training.best_row["epoch"] == 0
    assert training.epoch == 4
    assert_same(weights_of(training), before)


def test_without_a_start_the_first_weights_are_no_candidate(checkpoints: CheckpointStore) -> None:
    training = made()
    run_epochs(training, replace(epochs_of(training), start=None), checkpoints)
    assert [row["epoch"] for row in training.history] == [1, 2, 3, 4]


def test_it_ends_when_patience_does(checkpoints: CheckpointStore) -> None:
    training = made()
    run_epochs(training, replace(epochs_of(training), patience=2), checkpoints)
    assert [row["epoch"] for row in training.history] == [0, 1, 2, 3]


def test_a_row_is_told_once_its_epoch_is_safe(checkpoints: CheckpointStore) -> None:
    training = made()
    kept: list[tuple[int, int]] = []

    def tell(row: Row) -> None:
        state = checkpoints.load("small")
        kept.append((row["epoch"], len(state[1]["history"]) if state else 0))

    run_epochs(training, replace(epochs_of(training, last=2), tell=tell), checkpoints)
    assert kept == [(0, 0), (1, 2), (2, 3)]


def test_patience_counts_from_the_best_epoch() -> None:
    hits = [0.1, 0.4, 0.4, 0.3]
    history = [{"epoch": n, HIT: hit} for n, hit in enumerate(hits, 1)]
    assert is_over(history, last=90, patience=2)
    assert not is_over(history, last=90, patience=3)
    assert not is_over(history, last=90, patience=0)
    assert not is_over([], last=90, patience=1)


def test_it_is_over_after_the_last_epoch() -> None:
    history = [{"epoch": 0, HIT: 0.1}, {"epoch": 1, HIT: 0.2}]
    assert is_over(history, last=1)
    assert not is_over(history, last=2)


def test_what_was_never_kept_is_not_resumed(checkpoints: CheckpointStore) -> None:
    training = made()
    resume(training, checkpoints)
    assert (training.epoch, training.history, training.best) == (0, [], {})
