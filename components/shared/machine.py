"""The machine that a process works on: figures and times depend on it beside the code."""

import os
import platform
import re
from pathlib import Path
from typing import Any

from components.shared.execution.threads import own_cpus

CGROUP = Path("/sys/fs/cgroup")
CPU_INFO = Path("/proc/cpuinfo")
_ABILITIES = re.compile(r"^(?:flags|Features)\s*:\s*(.+)$", re.MULTILINE)
_OF_BF16 = frozenset(("avx512_bf16", "amx_bf16", "bf16"))
"""What Linux calls instructions that multiply bfloat16: of x86, and of ARM."""
_MODEL = re.compile(r"^(?:model name|Model|cpu model)\s*:\s*(.+)$", re.MULTILINE)
UNLIMITED = 2**60
"""Bytes from which on a control group's limit stands for none (version 1 writes a huge number)."""


def machine_facts() -> dict[str, Any]:
    """Return processor, CPUs and threads that may be used, memory in GB, and the system."""
    memory = available_memory()
    return {
        "processor": processor_name(),
        "cpus": available_cpus(),
        "threads": usable_threads(),
        "memory_gb": None if memory is None else round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def processor_name(cpu_info: Path = CPU_INFO) -> str:
    """Return what the processor calls itself, or its architecture where it does not say.

    Args:
        cpu_info: Where Linux describes its processors.
    """
    found = _MODEL.search(cpu_info.read_text()) if cpu_info.is_file() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def multiplies_bf16(cpu_info: Path = CPU_INFO) -> bool:
    """Whether the processor has instructions for bfloat16; False where the system does not say.

    One without them computes in it all the same, two to three times as slowly as in float32.

    Args:
        cpu_info: Where Linux describes its processors.
    """
    found = _ABILITIES.search(cpu_info.read_text()) if cpu_info.is_file() else None
    return found is not None and not _OF_BF16.isdisjoint(found[1].split())


def usable_threads() -> int:
    """Return how many threads compute: as `OMP_NUM_THREADS` says, else one a CPU."""
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(told) if told.isdecimal() else available_cpus()


def available_cpus(cgroup: Path = CGROUP) -> int:
    """CPUs that this process may use: those of its affinity, within its container's quota.

    Args:
        cgroup: Where the container's control group is mounted, version 1 or 2.
    """
    cpus, quota = own_cpus(), _cpu_quota(cgroup)
    return cpus if quota is None else min(cpus, max(1, round(quota)))


def available_memory(cgroup: Path = CGROUP) -> int | None:
    """Bytes that this process may use: the machine's, within its container's limit.

    Args:
        cgroup: Where the container's control group is mounted, version 1 or 2.

    Returns:
        None where the system does not say.
    """
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    limit = _memory_limit(cgroup)
    return whole if limit is None else min(whole, limit)


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


def _memory_limit(cgroup: Path) -> int | None:
    """Bytes that the control group is allowed; None where it has no limit."""
    for file in (cgroup / "memory.max", cgroup / "memory" / "memory.limit_in_bytes"):
        if file.is_file():
            allowed = file.read_text().strip()
            return None if allowed == "max" or int(allowed) >= UNLIMITED else int(allowed)
    return None
