"""Whole runs of the quickstart: into a fresh folder, and the same command again.

    python benchmarks/runs.py [--against COMMIT] [--quick]

Wall and processor seconds of both; beside them, where a commit is given, those of its code, which
is checked out into a git worktree and runs in turn with ours, with the same Python, and how far the
figures differ that both leave in metrics.json. Each makes its own data, and its own database of
MLflow's. Asked is, on 2 CPUs that do nothing else, 45 s and 5 s. Whoever changes the code meanwhile
has the stages that it changes done again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rows import Row

from components.shared.execution.code_version import ROOT

OUTPUT = "run"
RUN = ("run", "--preset", "quickstart", "--output", OUTPUT)
QUICK = ("visual_epochs=2", "devise_phase_1_epochs=2", "devise_phase_2_epochs=0")
FOREIGN = ("MLFLOW", "DEVISE", "KFP", "PYTHONPATH")
"""What begins so in the environment tells a run of other runs."""
TIMED = """
import ctypes, json, os, resource, subprocess, sys, time
if sys.platform == "linux":
    become_subreaper = 36
    ctypes.CDLL(None).prctl(become_subreaper, 1, 0, 0, 0)
started = time.monotonic()
status = subprocess.run(sys.argv[2:], stdout=sys.stderr).returncode
wall = time.monotonic() - started
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([wall, used.ru_utime + used.ru_stime], file)
sys.exit(status)
"""
"""A Python of its own, to which what outlives the command falls, so that it is counted too."""


@dataclass(frozen=True)
class Took:
    """Seconds of a command.

    Attributes:
        wall: Until it ended.
        processor: Of processors, those of all that it started among them.
    """

    wall: float
    processor: float


@dataclass(frozen=True)
class World:
    """A place that runs are made in.

    Attributes:
        code: The folder of the project's code.
        folder: Where data and runs lie.
    """

    code: Path
    folder: Path

    def pipeline(self, *arguments: str) -> Took:
        """Give one of the project's commands.

        Raises:
            CalledProcessError: It failed.
        """
        self.folder.mkdir(exist_ok=True)
        command = [sys.executable, str(self.code / "pipeline.py"), *arguments]
        kept = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
        return timed(command, self.folder, {**kept, "PYTHONPATH": str(self.code)})

    @property
    def figures(self) -> dict[str, float]:
        """What the run left in metrics.json."""
        file = self.folder / OUTPUT / "metrics.json"
        found: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
        return found


def timed(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Took:
    """Run a command in a folder to its end; what it prints is told aside.

    Raises:
        CalledProcessError: It failed.
    """
    with tempfile.NamedTemporaryFile("r") as written:
        aside = [sys.executable, "-c", TIMED, written.name, *command]
        subprocess.run(aside, cwd=folder, env=environment, check=True, stdout=sys.stderr)
        return Took(*json.load(written))


@contextmanager
def code_at(commit: str, folder: Path, repository: Path) -> Iterator[Path]:
    """The project as a commit has it, while the context lasts.

    Raises:
        CalledProcessError: There is no such commit, or no repository.
    """
    git = ("git", "-C", str(repository), "worktree")
    subprocess.run([*git, "add", "--quiet", "--detach", str(folder), commit], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def rows(is_quick: bool = False, against: str = "") -> list[Row]:
    """Two rows a run, and one for the figures where there is something to compare them with."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = World(ROOT, folder / "ours")
        if not against:
            return _rows(is_quick, ours, None, "")
        with code_at(against, folder / "code", ROOT) as code:
            return _rows(is_quick, ours, World(code, folder / "theirs"), against)


def _rows(is_quick: bool, ours: World, theirs: World | None, against: str) -> list[Row]:
    worlds = [ours, *([theirs] if theirs else [])]
    for world in worlds:
        world.pipeline("data", "quickstart")
    asked = [*RUN, *(part for setting in QUICK if is_quick for part in ("--set", setting))]
    found = []
    for what in ("quickstart into a fresh folder", "the finished quickstart again"):
        took = [world.pipeline(*asked) for world in worlds]
        found += _rows_of(f"{what}; {against}" if against else what, *took)
    if theirs:
        said, difference = compared(ours.figures, theirs.figures)
        found.append(Row(f"{said}; {against}", difference, None, None, "largest difference"))
    return found


def _rows_of(what: str, ours: Took, theirs: Took | None = None) -> list[Row]:
    wall, processor = (theirs.wall, theirs.processor) if theirs else (None, None)
    return [
        Row(what, ours.wall, wall, None, "s"),
        Row(what, ours.processor, processor, None, "s of processors"),
    ]


def compared(ours: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[str, float]:
    """How far figures of the same names differ: in words, and the largest difference."""
    both = ours.keys() & theirs.keys()
    alone = len(ours.keys() ^ theirs.keys())
    differences = {name: abs(ours[name] - theirs[name]) for name in sorted(both)}
    largest = max(differences, key=differences.__getitem__, default="")
    difference = differences.get(largest, 0.0)
    found = f"{len(both):,} figures, {f'most of all {largest}' if difference else 'equal'}"
    return f"metrics.json: {found}" + (f"; {alone:,} in one alone" if alone else ""), difference


def main(arguments: list[str]) -> None:
    """Run, and print."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--quick", action="store_true", help="a run of few epochs")
    asked.add_argument("--against", default="", metavar="COMMIT", help="to compare with")
    given = asked.parse_args(arguments)
    for row in rows(given.quick, given.against):
        beside = f" beside {row.plain:,.1f}" if row.plain is not None else ""
        print(f"{row.name}: {row.ours:,.4g}{beside} {row.unit}")


if __name__ == "__main__":
    main(sys.argv[1:])
