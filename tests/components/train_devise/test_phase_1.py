import dataclasses

import numpy as np
import pytest
from support.settings import changed

from components.shared.artifacts.features import FeatureView
from components.shared.networks.devise_model import DeviseModel
from components.train_devise.phase_1 import initialise, train_projection
from components.train_devise.phases import Task


def test_three_epochs_are_those_of_a_calculation_by_hand(task: Task) -> None:
    config = changed(
        task.config, batch_size=4, phase_1_epochs=3, phase_1_learning_rate=0.1,
        phase_1_momentum=0.5,
    )  # fmt: skip
    views = [
        FeatureView((np.full((6, 1024), value, np.float16),), np.arange(6)) for value in (1, 10)
    ]
    # The sum of M v from M = 0: each weight's slope is the sum of the batch's features.
    task.model.config = dataclasses.replace(task.model.config, normalise_projection=False)
    train_projection(dataclasses.replace(task, config=config, views=views))
    arrays, _ = task.checkpoints.load("phase_1") or pytest.fail("no checkpoint")
    # Batches of 4 and 2 images of views 0, 1, 0: slopes 4, 2, 40, 20, 4, 2.
    velocities = [4, 4, 42, 41, 24.5, 14.25]
    # (1 + cos) / 2 of 0, 30, 60, 90, 120, 150 degrees.
    rates = [1, 0.9330127, 0.75, 0.5, 0.25, 0.0669873]
    wanted = -0.1 * np.dot(velocities, rates)
    assert arrays["model.weight"] == pytest.approx(np.full((6, 1024), wanted), rel=1e-5)


def test_the_projection_starts_at_zero_where_it_is_not_normalised(
    devise_model: DeviseModel,
) -> None:
    model = devise_model
    initialise(model, 0)
    assert model.projection.weight.std().item() > 0
    model.config = dataclasses.replace(model.config, normalise_projection=False)
    initialise(model, 0)
    assert model.projection.weight.abs().max().item() == 0


def test_a_seed_gives_the_same_projection_and_another_seed_another(
    devise_model: DeviseModel,
) -> None:
    drawn = []
    for seed in (0, 0, 1):
        initialise(devise_model, seed)
        drawn.append(devise_model.projection.weight.detach().clone())
    assert drawn[0].equal(drawn[1])
    assert not drawn[0].equal(drawn[2])
