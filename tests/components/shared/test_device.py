import pytest
import torch

from components.shared.device import autocast, data_threads, pick_device, reseed

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


def test_some_thread_decodes_images_on_any_machine() -> None:
    assert data_threads() >= 1


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
