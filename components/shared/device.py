"""Where tensors are computed: device, arithmetic, threads and torch's own random numbers."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import torch

from components.shared.execution.threads import own_cpus

PRECISIONS = ("bf16", "fp32")
CGROUP = Path("/sys/fs/cgroup")


def available_cpus(cgroup: Path = CGROUP) -> int:
    """CPUs that this process may use: those of its affinity, within its container's quota.

    Args:
        cgroup: Where the container's control group is mounted, version 1 or 2.
    """
    cpus, quota = own_cpus(), _cpu_quota(cgroup)
    return cpus if quota is None else min(cpus, max(1, round(quota)))


def _cpu_quota(cgroup: Path) -> float | None:
    """CPUs that the control group is allowed, a fraction too; None where it has no limit."""
    version_2, version_1 = cgroup / "cpu.max", cgroup / "cpu" / "cpu.cfs_quota_us"
    if version_2.is_file():
        allowed, period = version_2.read_text().split()
    elif version_1.is_file():
        allowed = version_1.read_text().strip()
        period = version_1.with_name("cpu.cfs_period_us").read_text()
    else:
        return None
    return None if allowed in ("max", "-1") else int(allowed) / int(period)


def pick_device() -> torch.device:
    """The GPU where there is one; else the CPU, with as many threads as the container may use."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if "OMP_NUM_THREADS" not in os.environ:
        # torch counts the machine's cores, not the container's: too many threads throttle all.
        torch.set_num_threads(min(torch.get_num_threads(), available_cpus()))
    return torch.device("cpu")


def data_threads(device: torch.device) -> int:
    """Threads that decode images: on a CPU most cores compute, and one decodes 3,000 a second."""
    return max(1, available_cpus() if device.type == "cuda" else available_cpus() // 4)


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
