import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


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
    # Those that are left out start a Python a stage, or read a whole dump.
    chosen = "image_input", "losses", "ranking", "skipgram", "training_step", "whole_run"
    printed = _printed(environment, "all.py", "--run", str(tmp_path), "--only", *chosen)
    lines = [line for line in printed.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1
    for row in ("images from shards on disk", "images from shards in S3", "phase 1", "hCorrectSet"):
        assert any(line.startswith(f"| {row}") and "not measured" not in line for line in lines)
    assert any("whole run" in line and f"no run in {tmp_path}" in line for line in lines)


def test_growth_prints_figures_and_exponents(environment: dict[str, str]) -> None:
    printed = _printed(environment, "growth.py", "--only", "corpus", "splits")
    assert "| tokens through prepare_corpus | 2,000 |" in printed
    assert printed.count("time grows with exponent") == 2
