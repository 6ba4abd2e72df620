from typing import Any

import numpy as np
import pytest
import torch
from support.settings import unchecked

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.parameter import choices
from components.train_devise.losses.problem import Loss
from components.train_devise.losses.registry import LOSSES, make_loss
from components.train_devise.training_labels import TrainingLabels

LABELS = TrainingLabels(np.eye(2, dtype=np.float32), {"x": 0, "y": 1}, ())
CPU = torch.device("cpu")


def made(taxonomy: Any = None, **settings: Any) -> Loss:
    return make_loss(
        unchecked(DeviseSettings, **settings), LABELS, taxonomy or Taxonomy({}, [], "none"), CPU
    )


def test_every_loss_can_be_chosen_and_every_choice_is_a_loss() -> None:
    assert set(LOSSES) == set(choices(DeviseSettings.model_fields["loss"]))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_gives_a_mean_to_descend_and_the_violated_share_of_each_image(
    name: str,
) -> None:
    point = torch.tensor([[0.0, 1.0], [0.6, 0.8]], requires_grad=True)
    value, shares = made(loss=name)(point, torch.tensor([0, 1]))
    value.backward()
    assert value.item() > 0
    assert shares.tolist() == [1.0, 0.0]
    assert point.grad is not None
    assert point.grad.abs().max().item() > 0


def test_the_paper_s_loss_does_not_ask_for_the_hierarchy() -> None:
    value, share = made(taxonomy=object(), violators="all")(
        torch.tensor([[0.0, 1.0]]), torch.tensor([0])
    )
    assert value.item() == pytest.approx(1.1, rel=1e-5)
    assert share.item() == 1.0
