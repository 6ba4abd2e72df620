import pytest
import torch
from support.settings import unchecked
from torch import nn

from components.pretrain_visual.schedule import build_optimiser, learning_rate, moving_average
from components.shared.settings.visual import VisualSettings

CONFIG = unchecked(
    VisualSettings, epochs=10, warmup_epochs=2.0, learning_rate=0.4, weight_decay=0.01
)


@pytest.mark.parametrize(
    ("epochs_done", "rate"), [(0, 0), (1, 0.2), (2, 0.4), (6, 0.2), (10, 0), (11, 0)]
)
def test_the_rate_rises_in_a_line_and_falls_as_a_cosine(epochs_done: float, rate: float) -> None:
    assert learning_rate(CONFIG, epochs_done) == pytest.approx(rate, abs=1e-12)


def test_without_warm_up_the_rate_starts_at_its_highest() -> None:
    config = unchecked(VisualSettings, epochs=3, warmup_epochs=0.0, learning_rate=0.1)
    assert learning_rate(config, 0.0) == 0.1


def test_a_warm_up_as_long_as_the_training_only_rises() -> None:
    config = unchecked(VisualSettings, epochs=2, warmup_epochs=2.0, learning_rate=0.1)
    assert learning_rate(config, 1.99) < 0.1


def test_biases_and_norms_do_not_decay() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    decaying, others = build_optimiser(CONFIG, model).param_groups
    assert [p.ndim for p in decaying["params"]] == [4, 2]
    assert decaying["weight_decay"] == 0.01
    assert [p.ndim for p in others["params"]] == [1, 1, 1, 1]
    assert others["weight_decay"] == 0.0


def test_momentum_may_be_none() -> None:
    config = unchecked(VisualSettings, momentum=0.0)
    optimiser = build_optimiser(config, nn.Linear(2, 2))
    assert isinstance(optimiser, torch.optim.SGD)


def test_without_averaging_there_is_no_average() -> None:
    assert moving_average(unchecked(VisualSettings), nn.Linear(2, 2)) is None


def test_the_average_decays_by_its_share_a_step_statistics_of_batchnorm_too() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    average = moving_average(unchecked(VisualSettings, averaging=0.75), model)
    assert average is not None
    expected: dict[str, torch.Tensor] = {}
    for step in range(4):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        model(torch.randn(5, 3))
        average.update_parameters(model)
        for name, value in model.state_dict().items():
            # By hand: the first step's weights, then a quarter of each later step's.
            mixed = value if step == 0 else 0.75 * expected[name] + 0.25 * value
            expected[name] = mixed.clone()
    for name, value in average.module.state_dict().items():
        if value.is_floating_point():
            assert torch.allclose(value, expected[name], atol=1e-6), name
