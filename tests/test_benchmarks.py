import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import gpu
import pytest

PROJECT = Path(__file__).resolve().parents[1]
ROWS = (
    "images from shards on disk, the paper's crops",
    "images from shards in S3, random resized crops",
    "training on crops of 64 px, decoded by",
    "packing 4 class tars of 10 images",
    "phase 1",
    "hCorrectSet",
    "ranking 300 terms",
    "skip-gram",
    "training step, small_resnet18, 32 px",
    "training step, small_resnet18, 64 px",
    "start-up of 1 stages",
    "from the fork to the beginning of a stage's own work",
)


@pytest.fixture(name="environment")
def environment_of_this_project() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def _printed(environment: dict[str, str], script: str, *arguments: str) -> str:
    command = [sys.executable, str(PROJECT / "benchmarks" / script), "--quick", *arguments]
    done = subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_of_them_print_a_table_with_a_row_for_what_is_missing_too(
    environment: dict[str, str], tmp_path: Path
) -> None:
    # Those that are left out make whole runs, or read a whole dump.
    chosen = (
        *("image_input", "image_requests", "losses", "ranking", "skipgram"),
        *("training_step", "startup", "whole_run"),
    )
    printed = _printed(environment, "all.py", "--run", str(tmp_path), "--only", *chosen)
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    for row in ROWS:
        assert any(line.startswith(f"| {row}") and "not measured" not in line for line in lines)
    assert any("whole run" in line and f"no run in {tmp_path}" in line for line in lines)


def test_growth_prints_figures_and_exponents(environment: dict[str, str]) -> None:
    only = "corpus", "skipgram", "splits", "labels"
    printed = _printed(environment, "growth.py", "--only", *only)
    assert "| tokens through prepare_corpus | 2,000 |" in printed
    assert "| words through skip-gram | 2,000 |" in printed
    assert "| labels that 2,048 images are ranked against | 200 |" in printed
    assert printed.count("processor time grows with exponent") == len(only)


@pytest.fixture(name="bench", scope="module")
def bench_of_the_smallest_sizes(tmp_path_factory: pytest.TempPathFactory) -> gpu.Bench:
    return gpu.Bench(gpu.SMALL, tmp_path_factory.mktemp("bench"))


@pytest.mark.parametrize(
    "measure",
    [
        lambda bench: gpu.first_phase(bench, 8),
        lambda bench: gpu.second_phase(bench, bench.networks[0], 8),
        lambda bench: gpu.embedding(bench, bench.networks[0], 8),
    ],
    ids=["phase 1", "phase 2", "embed_images"],
)
def test_what_is_measured_on_a_gpu_runs_without_one(
    bench: gpu.Bench, measure: Callable[[gpu.Bench], gpu.Row]
) -> None:
    row = measure(bench)
    assert min(row.alone, row.ours) > 0
    assert len(row.cells()) == 5
