"""Whole runs that are killed at random moments, in any process, and started again.

`KILLS` in the environment says how often, `KILLS_SEED` when: `make test-kills KILLS=200`.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from support.commands import SMALL, environment, metrics_of, settings

KILLS = int(os.environ.get("KILLS", "0"))
"""Each takes about a minute of one core, beside an undisturbed run."""
SEED = int(os.environ.get("KILLS_SEED", "0"))
SMALLEST = ["devise_variants=[]", "evaluate_bootstrap_samples=100", "skipgram_epochs=1"]


def command(project: Path, data: Path, output: Path) -> list[str]:
    run = [sys.executable, str(project / "pipeline.py"), "run", "--output", str(output)]
    smallest = [part for setting in SMALLEST for part in ("--set", setting)]
    return [*run, *settings(str(data)), *SMALL, *smallest]


def is_killed(run: Sequence[str], env: Mapping[str, str], seconds: float | None) -> bool:
    """Start a run and kill all of its processes after some seconds, unless it ends before."""
    process = subprocess.Popen(
        run,
        env=dict(env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_all(process.pid)
        process.communicate()
        return True
    assert process.returncode == 0, said.decode()[-4000:]
    return False


def kill_all(pid: int) -> None:
    """Kill a process with its group and, whatever their groups, all that it started."""
    below = descendants(pid)
    os.killpg(pid, signal.SIGKILL)
    for started in below:
        with suppress(ProcessLookupError):
            os.kill(started, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, check=True)
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, of in rows if of == parent]
    return found[1:]


def left_over(output: Path) -> list[Path]:
    """Files of a finished run that only serve one that goes on."""
    unfinished = [*output.rglob(".*.aside"), *output.glob(".kfp")]
    return unfinished + [file for file in (output / "checkpoints").rglob("*") if file.is_file()]


@pytest.mark.slow
@pytest.mark.skipif(not KILLS, reason="KILLS says how many: make test-kills KILLS=20")
@pytest.mark.timeout(600 + 120 * KILLS)
def test_runs_killed_at_random_moments_end_with_the_metrics_of_an_undisturbed_one(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    def attempt(name: str, seconds: float | None) -> bool:
        # A database of its own: the kill may come while MLflow makes it.
        env = environment(tmp_path / name, DEVISE_CHECKPOINT_SECONDS="0")
        return is_killed(command(project, quickstart_data, tmp_path / name / "run"), env, seconds)

    started = time.monotonic()
    attempt("undisturbed", None)
    longest, generator = time.monotonic() - started, random.Random(SEED)
    kills = runs = 0
    while kills < KILLS:
        name, runs = f"killed_{runs}", runs + 1
        while attempt(name, generator.uniform(0, longest) if kills < KILLS else None):
            kills += 1
        assert metrics_of(tmp_path / name / "run") == metrics_of(tmp_path / "undisturbed" / "run")
        assert left_over(tmp_path / name / "run") == []
        shutil.rmtree(tmp_path / name)
        print(f"{kills} kills in {runs} runs, {time.monotonic() - started:,.0f} s: equal figures")
