import os
from pathlib import Path

import pytest

from components.shared.machine import (
    available_cpus,
    available_memory,
    machine_facts,
    multiplies_bf16,
    processor_name,
    usable_threads,
)


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


@pytest.mark.parametrize(
    ("file", "limit"), [("memory.max", "1000000"), ("memory/memory.limit_in_bytes", "1000000")]
)
def test_a_containers_limit_bounds_the_memory(tmp_path: Path, file: str, limit: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(f"{limit}\n")
    assert available_memory(tmp_path) == 1_000_000


@pytest.mark.parametrize("limit", ["max", str(2**63 - 4096)])
def test_without_a_limit_the_memory_is_the_machines(tmp_path: Path, limit: str) -> None:
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    assert available_memory(tmp_path) == available_memory(tmp_path / "nothing")


def test_the_processor_is_called_as_it_calls_itself(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Some CPU 9000\nflags : x\n")
    assert processor_name(tmp_path / "cpuinfo") == "Some CPU 9000"
    assert processor_name(tmp_path / "none")


@pytest.mark.parametrize(
    ("said", "has_it"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16\n", True),
        ("flags\t\t: fpu amx_bf16\n", True),
        ("Features\t: asimd bf16 i8mm\n", True),
        ("flags\t\t: fpu avx512f avx512_vnni\nbugs\t\t: bf16\n", False),
        ("", False),
    ],
)
def test_whether_it_multiplies_bf16_is_what_linux_says(
    tmp_path: Path, said: str, has_it: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{said}")
    assert multiplies_bf16(tmp_path / "cpuinfo") is has_it
    assert not multiplies_bf16(tmp_path / "none")


def test_threads_are_as_many_as_the_environment_says_else_one_a_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3,1")
    assert usable_threads() == 3
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert usable_threads() == available_cpus()


def test_the_facts_say_what_figures_and_times_depend_on() -> None:
    facts = machine_facts()
    assert set(facts) == {"processor", "cpus", "threads", "memory_gb", "system"}
    assert facts["cpus"] == available_cpus()
