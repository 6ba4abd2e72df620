"""Whole runs that are killed at random moments, in any process, and started again.

`KILLS` in the environment says how often, `KILLS_SEED` when, and `KILLS_REPORT` names a file for
what came out: `make test-kills KILLS=200 KILLS_REPORT=kills.json`.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from support.commands import SMALL, environment, metrics_of, settings

from components.shared.execution.run_folder import STARTED, TASKS

KILLS = int(os.environ.get("KILLS", "0"))
"""Each takes about a quarter of an undisturbed run, and every run that is killed its last half."""
SEED = int(os.environ.get("KILLS_SEED", "0"))
REPORT = os.environ.get("KILLS_REPORT", "")
SMALLEST = ["devise_variants=[]", "evaluate_bootstrap_samples=259", "skipgram_epochs=1"]
BEFORE, BETWEEN = "before the first stage", "between stages, or at one that is taken as it is"
HANGS_AFTER = 5
"""So many times an undisturbed run's time is no slow machine any more."""


@dataclass(frozen=True)
class Kill:
    """A kill that struck: in which run, after how many seconds, and at which stages."""

    run: int
    seconds: float
    stages: str


def command(project: Path, data: Path, output: Path) -> list[str]:
    run = [sys.executable, str(project / "pipeline.py"), "run", "--output", str(output)]
    smallest = [part for setting in SMALLEST for part in ("--set", setting)]
    return [*run, *settings(str(data)), *SMALL, *smallest]


def is_killed(run: Sequence[str], folder: Path, seconds: float) -> bool:
    """Start a run and kill all of its processes after some seconds, unless it ends before."""
    # A database of its own: the kill may come while MLflow makes it.
    env = environment(folder, DEVISE_CHECKPOINT_SECONDS="0")
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            run, env=env, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill_all(process.pid)
        process.wait()
    assert process.returncode in (0, -signal.SIGKILL), (folder / "said").read_text()[-4000:]
    return process.returncode != 0


def kill_all(pid: int) -> None:
    """Kill a process with its group and, whatever their groups, all that it started."""
    below = descendants(pid)
    for end, number in ((os.killpg, pid), *((os.kill, started) for started in below)):
        with suppress(ProcessLookupError):
            end(number, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, check=True)
    rows = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = [pid]
    for parent in found:
        found += [child for child, of in rows if of == parent]
    return found[1:]


def at_work(output: Path, since: float) -> str:
    """The stages that had begun and not ended when a run was killed that began at a time."""
    begun, ended = (
        {file.stem for file in (output / kind).glob("*") if file.stat().st_mtime >= since}
        for kind in (STARTED, TASKS)
    )
    stages = {name.rpartition("-")[0] for name in begun - ended}
    return ", ".join(sorted(stages)) or (BETWEEN if ended else BEFORE)


def seconds_of(output: Path) -> float:
    return float(json.loads((output / "run.json").read_text())["seconds"])


def left_over(output: Path) -> list[Path]:
    """Files of a finished run that only serve one that goes on."""
    unfinished = [*output.rglob(".*.aside"), *output.glob(".kfp")]
    return unfinished + [file for file in (output / "checkpoints").rglob("*") if file.is_file()]


def told(kills: Sequence[Kill], runs: int, seconds: float) -> str:
    struck = Counter(kill.stages for kill in kills)
    lines = [f"  {count:4} {stages}" for stages, count in sorted(struck.items())]
    head = f"{len(kills)} kills in {runs} runs, {seconds:,.0f} s, each with equal figures:"
    return "\n".join([head, *lines])


def report(kills: Sequence[Kill], runs: int, seconds: float) -> None:
    print(told(kills, runs, seconds))
    if REPORT:
        facts = {"kills": [asdict(kill) for kill in kills], "runs": runs, "seconds": seconds}
        Path(REPORT).write_text(json.dumps({**facts, "figures": "equal"}, indent=1) + "\n")


@pytest.mark.slow
@pytest.mark.skipif(not KILLS, reason="KILLS says how many: make test-kills KILLS=20")
@pytest.mark.timeout(0)
def test_runs_killed_at_random_moments_end_with_the_metrics_of_an_undisturbed_one(
    project: Path, quickstart_data: Path, tmp_path: Path
) -> None:
    def attempt(name: str, seconds: float) -> bool:
        (tmp_path / name).mkdir(exist_ok=True)
        run = command(project, quickstart_data, tmp_path / name / "run")
        return is_killed(run, tmp_path / name, seconds)

    def killed_to_its_end(run: int) -> Path:
        while True:
            # Short times are more: what is done takes little time again, so that runs come far.
            seconds = longest * generator.random() * generator.random()
            is_last, since = len(kills) == KILLS, time.time()
            if not attempt(f"killed_{run}", HANGS_AFTER * longest if is_last else seconds):
                return tmp_path / f"killed_{run}"
            assert not is_last, "the run hangs"
            stages = at_work(tmp_path / f"killed_{run}" / "run", since)
            kills.append(Kill(run, round(seconds, 1), stages))
            print(f"{len(kills)}: run {run} after {seconds:.1f} s, {stages}", flush=True)

    started = time.monotonic()
    assert not attempt("undisturbed", 3600)
    longest, generator = seconds_of(tmp_path / "undisturbed" / "run"), random.Random(SEED)
    kills: list[Kill] = []
    runs = 0
    while len(kills) < KILLS:
        folder, runs = killed_to_its_end(runs), runs + 1
        assert metrics_of(folder / "run") == metrics_of(tmp_path / "undisturbed" / "run")
        assert left_over(folder / "run") == []
        shutil.rmtree(folder)
    report(kills, runs, time.monotonic() - started)
