import math

import pytest
import torch

from components.train_devise.phases import Phase, Task, resumed, run_phase, step

Logged = list[tuple[dict[str, float], int | None]]


def sgd(task: Task) -> torch.optim.Optimizer:
    return torch.optim.SGD(task.model.projection.parameters(), 0.5)


def test_a_step_goes_down_the_loss_and_gives_the_sums_of_its_batch(task: Task) -> None:
    before = task.model.projection.weight.detach().clone()
    points = task.model.projection(torch.ones(3, 1024))
    value = points.sum().item()
    sums = step(task, sgd(task), points, torch.zeros(3, dtype=torch.int64))
    assert sums.tolist() == pytest.approx([3 * value, 0.75, 1.0])
    assert torch.allclose(task.model.projection.weight, before - 0.5 * 3)


def test_each_epoch_draws_from_the_seed_the_phase_and_its_number(task: Task) -> None:
    drawn: dict[int, list[list[float]]] = {}

    def train(epoch: int) -> tuple[float, float, float]:
        return torch.rand(()).item(), 0.0, 0.0

    for number in (1, 2, 1):
        training = resumed(task, number, task.model.projection, sgd(task))
        training.history, training.name = [], f"other_{number}"
        run_phase(task, Phase(number, 2, train, lambda: 0.5), training)
        drawn.setdefault(number, []).append([row["loss"] for row in training.history[1:]])
    assert drawn[1][0] == drawn[1][1]
    assert len({*drawn[1][0], *drawn[2][0]}) == 4


def test_an_epoch_is_noted_and_logged_under_its_phase_with_its_speed(
    task: Task, logged: list[tuple[dict[str, float], int | None]]
) -> None:
    training = resumed(task, 2, task.model.projection, sgd(task))
    run_phase(task, Phase(2, 1, lambda _: (0.7, 0.1, 0.4), lambda: 0.5), training)
    first, last = training.history
    assert first == {"phase": 2, "epoch": 0, "validation_hit_at_1": 0.5}
    speed = last["images_per_second"]
    trained = {"loss": 0.7, "violated_margins": 0.1, "violating_images": 0.4}
    assert {"phase": 2, "epoch": 1, **trained}.items() <= last.items()
    assert logged == [
        ({"phase_2/validation_hit_at_1": 0.5}, 0),
        (
            {
                "phase_2/loss": 0.7,
                "phase_2/violated_margins": 0.1,
                "phase_2/violating_images": 0.4,
                "phase_2/validation_hit_at_1": 0.5,
                "phase_2/images_per_second": speed,
            },
            1,
        ),
    ]


def test_a_finished_phase_comes_back_as_it_was(task: Task) -> None:
    training = resumed(task, 1, task.model.projection, sgd(task))
    run_phase(task, Phase(1, 2, lambda _: (0.7, 0.1, 0.4), lambda: 0.5), training)
    again = resumed(task, 1, task.model.projection, sgd(task))
    assert again.history == training.history
    assert again.best.keys() == training.best.keys()


def test_a_loss_that_is_no_number_names_the_phase_s_learning_rate(task: Task) -> None:
    training = resumed(task, 2, task.model.projection, sgd(task))
    with pytest.raises(ValueError, match=r"phase 2, epoch 1, .* devise_phase_2_learning_rate"):
        run_phase(task, Phase(2, 1, lambda _: (math.inf, 0.1, 0.4), lambda: 0.5), training)
