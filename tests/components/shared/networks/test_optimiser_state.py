import numpy as np
import pytest
import torch
from torch import nn

from components.shared.networks.optimiser_state import (
    has_fused_step,
    optimiser_arrays,
    restore_optimiser,
)


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2))
    return layers.to(memory_format=torch.channels_last)


def step(model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    model(torch.ones(2, 3, 3, 3)).square().sum().backward()
    optimiser.step()


def made(name: str, model: nn.Module) -> torch.optim.Optimizer:
    if name == "sgd":
        return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    return torch.optim.Adagrad(model.parameters(), lr=0.01)


@pytest.mark.parametrize("name", ["sgd", "adagrad"])
def test_a_restored_optimiser_takes_the_same_next_step(name: str) -> None:
    model = network()
    optimiser = made(name, model)
    step(model, optimiser)
    arrays = optimiser_arrays(optimiser)
    other = network()
    other.load_state_dict(model.state_dict())
    restored = made(name, other)
    restore_optimiser(restored, arrays)
    step(model, optimiser)
    step(other, restored)
    for expected, actual in zip(model.parameters(), other.parameters(), strict=True):
        assert torch.equal(expected, actual)


def test_torch_does_as_it_does_by_itself_on_a_cpu() -> None:
    assert has_fused_step(torch.optim.SGD, torch.device("cpu")) is None


@pytest.mark.gpu
@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adagrad])
def test_a_fused_step_is_the_plain_one_to_rounding(kind: type[torch.optim.Optimizer]) -> None:
    gpu = torch.device("cuda")
    models = [network().to(gpu), network().to(gpu)]
    for model, fused in zip(models, (False, has_fused_step(kind, gpu)), strict=True):
        optimiser = kind(model.parameters(), lr=0.01, fused=fused)  # type: ignore[call-arg]
        for _ in range(3):
            optimiser.zero_grad()
            model(torch.ones(2, 3, 3, 3, device=gpu)).square().sum().backward()
            optimiser.step()
    for plain, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.allclose(plain, other, rtol=1e-5, atol=1e-6)
    assert has_fused_step(torch.optim.SGD, gpu)


def test_the_arrays_are_copies() -> None:
    model = network()
    optimiser = made("sgd", model)
    step(model, optimiser)
    arrays = optimiser_arrays(optimiser)
    before = {name: array.copy() for name, array in arrays.items()}
    step(model, optimiser)
    assert before.keys() == arrays.keys()
    assert all(np.array_equal(before[name], arrays[name]) for name in before)


def test_an_optimiser_without_momentum_has_no_state() -> None:
    model = network()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
    step(model, optimiser)
    assert optimiser_arrays(optimiser) == {}
    restore_optimiser(optimiser, {})
