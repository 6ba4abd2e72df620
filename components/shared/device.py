"""Where tensors are computed: device, arithmetic, threads and torch's own random numbers."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch

from components.shared.machine import available_cpus, multiplies_bf16, usable_threads
from components.shared.processes.ranks import local_rank, local_ranks

AUTO, BF16, FP32 = PRECISIONS = ("auto", "bf16", "fp32")
FEW_CPUS = 4


def pick_device() -> torch.device:
    """The GPU where there is one; else the CPU, with as many threads as the container may use.

    Of several processes on a machine each has a GPU, or its share of the threads, to itself.
    """
    if torch.cuda.is_available():
        _compute_fp32_in_fp32()
        return torch.device("cuda", local_rank()) if local_ranks() > 1 else torch.device("cuda")
    if local_ranks() > 1:
        torch.set_num_threads(_share(min(usable_threads(), available_cpus())))
    elif "OMP_NUM_THREADS" not in os.environ:
        # torch counts the machine's cores, not the container's: too many threads throttle all.
        torch.set_num_threads(min(torch.get_num_threads(), available_cpus()))
    return torch.device("cpu")


def _share(cpus: int) -> int:
    """This process's, of what all of this machine may use."""
    return max(1, cpus // local_ranks())


def _compute_fp32_in_fp32() -> None:
    """Let no GPU round float32 to TF32's 10 bits, as cuDNN's convolutions do unless told."""
    backends: Any = torch.backends
    for operation in (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn):
        operation.fp32_precision = "ieee"


def data_threads() -> int:
    """Threads that decode images for a CPU: most cores compute, and one decodes 3,000 a second."""
    return max(1, _share(available_cpus()) // 4)


def data_processes(device: torch.device) -> int:
    """Processes that decode images for a GPU; 0: threads do it, as for a CPU.

    One a CPU, of which one is left, where there are many, to the process that asks the GPU: beside
    a process on every CPU it comes late with the next step, and the GPU waits.
    """
    cpus = _share(available_cpus())
    return cpus - (cpus > FEW_CPUS) if device.type == "cuda" else 0


def sent(array: np.ndarray, device: torch.device) -> torch.Tensor:
    """An array on the device; a GPU fetches it while this process goes on."""
    tensor = torch.from_numpy(array)
    if device.type != "cuda":
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def fetched(tensor: torch.Tensor) -> np.ndarray:
    """A tensor in memory, on a stream of its own: what the GPU is asked for meanwhile goes on."""
    if tensor.device.type != "cuda":
        return tensor.numpy()
    stream = torch.cuda.Stream(tensor.device)
    stream.wait_stream(torch.cuda.current_stream(tensor.device))
    with torch.cuda.stream(stream):
        pinned = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
        pinned.copy_(tensor, non_blocking=True)
    stream.synchronize()
    return pinned.numpy()


def arithmetic(device: torch.device, precision: str) -> str:
    """What a visual network computes in: bf16 or fp32.

    Args:
        device: Where it computes.
        precision: `auto` is bf16 where the device has instructions for it, else fp32.

    Raises:
        ValueError: The precision is none of PRECISIONS.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}: choose {', '.join(PRECISIONS)}.")
    if precision != AUTO:
        return precision
    return BF16 if _multiplies_bf16(device) else FP32


def _multiplies_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and multiplies_bf16()


def autocast(device: torch.device, precision: str) -> AbstractContextManager[None]:
    """Arithmetic of the visual network: bfloat16 where it is safe, or float32 throughout.

    Raises:
        ValueError: The precision is none of PRECISIONS.
    """
    enabled = arithmetic(device, precision) == BF16
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def reseed(seed: Sequence[int]) -> None:
    """Restart torch's random numbers from several integers, such as (seed, epoch).

    Done at each epoch, so that going on from a checkpoint needs no generator's state.
    """
    words = np.random.SeedSequence(list(seed)).generate_state(2, np.uint32)
    torch.manual_seed((int(words[0]) << 31) ^ int(words[1]))
