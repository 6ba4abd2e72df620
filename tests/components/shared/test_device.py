import os
from pathlib import Path

import pytest
import torch

from components.shared.device import autocast, available_cpus, data_threads, pick_device, reseed

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


def everything() -> int:
    return len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("allowed", "cpus"), [("max", None), ("50000", 1), ("100000", 1), ("99900000", None)]
)
def test_a_containers_quota_limits_the_cpus(tmp_path: Path, allowed: str, cpus: int | None) -> None:
    (tmp_path / "cpu.max").write_text(f"{allowed} 100000\n")
    assert available_cpus(tmp_path) == (cpus or everything())


@pytest.mark.parametrize(
    ("allowed", "cpus"), [("-1", None), ("20000", 1), ("100000", 1), ("99900000", None)]
)
def test_a_quota_is_read_from_control_groups_of_version_1_too(
    tmp_path: Path, allowed: str, cpus: int | None
) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{allowed}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert available_cpus(tmp_path) == (cpus or everything())


def test_without_control_groups_every_cpu_of_the_affinity_may_be_used(tmp_path: Path) -> None:
    assert available_cpus(tmp_path) == everything()
    assert data_threads(CPU) >= 1


def test_torch_starts_no_more_threads_than_the_container_may_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("components.shared.device.available_cpus", lambda: 1)
    before = torch.get_num_threads()
    try:
        if pick_device().type == "cpu":
            assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
