"""Where tensors are computed: device, arithmetic, threads and torch's own random numbers."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from components.shared.machine import available_cpus

PRECISIONS = ("bf16", "fp32")


def pick_device() -> torch.device:
    """The GPU where there is one; else the CPU, with as many threads as the container may use."""
    if torch.cuda.is_available():
        _compute_fp32_in_fp32()
        return torch.device("cuda")
    if "OMP_NUM_THREADS" not in os.environ:
        # torch counts the machine's cores, not the container's: too many threads throttle all.
        torch.set_num_threads(min(torch.get_num_threads(), available_cpus()))
    return torch.device("cpu")


def _compute_fp32_in_fp32() -> None:
    """Let no GPU round float32 to TF32's 10 bits, as cuDNN's convolutions do unless told."""
    backends: Any = torch.backends
    for operation in (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn):
        operation.fp32_precision = "ieee"


def data_threads() -> int:
    """Threads that decode images for a CPU: most cores compute, and one decodes 3,000 a second."""
    return max(1, available_cpus() // 4)


def data_processes(device: torch.device) -> int:
    """Processes that decode images for a GPU, one a CPU; 0: threads do it, as for a CPU."""
    return available_cpus() if device.type == "cuda" else 0


def sent(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array on the device; a GPU fetches it while this process goes on."""
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def autocast(device: torch.device, precision: str) -> AbstractContextManager[None]:
    """Arithmetic of the visual network: bfloat16 where it is safe, or float32 throughout.

    Raises:
        ValueError: The precision is neither bf16 nor fp32.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}: choose {' or '.join(PRECISIONS)}.")
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def reseed(seed: Sequence[int]) -> None:
    """Restart torch's random numbers from several integers, such as (seed, epoch).

    Done at each epoch, so that going on from a checkpoint needs no generator's state.
    """
    words = np.random.SeedSequence(list(seed)).generate_state(2, np.uint32)
    torch.manual_seed((int(words[0]) << 31) ^ int(words[1]))
