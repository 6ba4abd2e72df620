from typing import Any

import numpy as np
import pytest
import torch

from components.shared.device import (
    arithmetic,
    autocast,
    data_processes,
    data_threads,
    fetched,
    pick_device,
    reseed,
    sent,
)

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


@pytest.mark.parametrize(("has_it", "chosen"), [(True, torch.bfloat16), (False, torch.float32)])
def test_auto_is_bf16_where_the_processor_multiplies_it(
    has_it: bool, chosen: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.shared.device.multiplies_bf16", lambda: has_it)
    one = torch.ones(2, 2)
    with autocast(CPU, "auto"):
        assert (one @ one).dtype == chosen
    assert arithmetic(CPU, "auto") == ("bf16" if has_it else "fp32")


def test_auto_asks_a_gpu_for_its_own_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def answer(including_emulation: bool) -> bool:
        asked.append(including_emulation)
        return False

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", answer)
    assert arithmetic(torch.device("cuda"), "auto") == "fp32"
    assert asked == [False]


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision is 'fp16': choose auto, bf16, fp32"):
        autocast(CPU, "fp16")


def test_threads_decode_for_a_cpu_and_processes_for_a_gpu() -> None:
    assert data_threads() >= 1
    assert data_processes(CPU) == 0
    assert data_processes(torch.device("cuda")) >= 1


def test_processes_on_one_machine_share_its_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.shared.device.available_cpus", lambda: 16)
    monkeypatch.setattr("components.shared.device.usable_threads", lambda: 8)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    threads: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", threads.append)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device() == CPU
    assert threads == [2]
    assert (data_threads(), data_processes(torch.device("cuda"))) == (1, 4)


def test_an_array_is_sent_as_it_is() -> None:
    assert sent(np.arange(3), CPU).tolist() == [0, 1, 2]


def test_float32_is_not_rounded_to_tf32_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    backends: Any = torch.backends
    operations = backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn
    before = [operation.fp32_precision for operation in operations]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    try:
        assert pick_device() == torch.device("cuda")
        assert {operation.fp32_precision for operation in operations} == {"ieee"}
    finally:
        for operation, precision in zip(operations, before, strict=True):
            operation.fp32_precision = precision


@pytest.mark.gpu
def test_a_gpu_s_convolution_is_that_of_the_cpu() -> None:
    torch.manual_seed(0)
    images, layer = torch.randn(8, 64, 28, 28), torch.nn.Conv2d(64, 64, 3)
    device = pick_device()
    with torch.inference_mode():
        expected = layer(images)
        result = layer.to(device)(images.to(device)).cpu()
    assert (result - expected).norm() / expected.norm() < 1e-5


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


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_tensor_is_fetched_as_it_is(device: str) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no GPU that torch can use")
    assert fetched(torch.arange(3, device=device)).tolist() == [0, 1, 2]
