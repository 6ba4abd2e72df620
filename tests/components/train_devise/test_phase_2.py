import torch

from components.shared.networks.devise_model import DeviseModel
from components.train_devise.phase_2 import train_mode


def test_batchnorm_and_dropout_are_as_the_parameters_say(devise_model: DeviseModel) -> None:
    norm, dropout = torch.nn.BatchNorm2d(3), torch.nn.Dropout()
    model = DeviseModel(torch.nn.Sequential(norm, dropout), devise_model.config)
    train_mode(model, freeze_batchnorm=True, dropout=True)
    assert (norm.training, dropout.training) == (False, True)
    train_mode(model, freeze_batchnorm=False, dropout=True)
    assert (norm.training, dropout.training) == (True, True)
    train_mode(model, freeze_batchnorm=False, dropout=False)
    assert (norm.training, dropout.training) == (True, False)
