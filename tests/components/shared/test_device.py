from pathlib import Path

import pytest
import torch

from components.shared.device import autocast, available_cpus, data_threads, reseed

CPU = torch.device("cpu")


def test_the_same_integers_give_the_same_random_numbers() -> None:
    draws = []
    for seed in ([0, 1], [0, 1], [1, 0], [0]):
        reseed(seed)
        draws.append(torch.rand(3).tolist())
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]
    assert draws[0] != draws[3]


def test_autocast_computes_in_the_precision_asked_for() -> None:
    one = torch.ones(2, 2)
    with autocast(CPU, "bf16"):
        assert (one @ one).dtype == torch.bfloat16
    with autocast(CPU, "fp32"):
        assert (one @ one).dtype == torch.float32


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision is 'fp16': choose bf16 or fp32"):
        autocast(CPU, "fp16")


def test_a_containers_quota_limits_the_cpus(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    everything = available_cpus(quota)
    quota.write_text("max 100000\n")
    assert available_cpus(quota) == everything
    quota.write_text("50000 100000\n")
    assert available_cpus(quota) == 1
    assert data_threads(CPU) >= 1
