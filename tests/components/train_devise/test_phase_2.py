from dataclasses import replace

import torch
from support.settings import changed

from components.shared.networks.devise_model import DeviseModel
from components.train_devise.phase_2 import train_mode, train_network
from components.train_devise.phases import Task


def test_projection_and_trunk_are_trained_by_adagrad_at_their_own_rates(task: Task) -> None:
    config = changed(
        task.config, phase_2_epochs=0, phase_2_learning_rate=0.02,
        phase_2_trunk_learning_rate=0.003, phase_2_accumulator=0.5,
    )  # fmt: skip
    optimiser = train_network(replace(task, config=config)).optimiser
    assert isinstance(optimiser, torch.optim.Adagrad)
    rate_of = {w: group["lr"] for group in optimiser.param_groups for w in group["params"]}
    rates = {name: rate_of[weights] for name, weights in task.model.named_parameters()}
    assert rates.pop("projection.weight") == 0.02
    assert set(rates.values()) == {0.003}
    sums = [optimiser.state[weights]["sum"] for weights in rate_of]
    assert all(kept.unique().item() == 0.5 for kept in sums)


def test_batchnorm_and_dropout_are_as_the_parameters_say(devise_model: DeviseModel) -> None:
    norm, dropout = torch.nn.BatchNorm2d(3), torch.nn.Dropout()
    model = DeviseModel(torch.nn.Sequential(norm, dropout), devise_model.config)
    train_mode(model, freeze_batchnorm=True, dropout=True)
    assert (norm.training, dropout.training) == (False, True)
    train_mode(model, freeze_batchnorm=False, dropout=True)
    assert (norm.training, dropout.training) == (True, True)
    train_mode(model, freeze_batchnorm=False, dropout=False)
    assert (norm.training, dropout.training) == (True, False)
