"""Starting a stage's process: a fork of one that has imported everything, next to a new Python.

    python benchmarks/startup.py

Prints the seconds of each in one run, for as many stages as there are, and their ratio.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.local.preloaded import STAGES
from pipeline.local.processes import own_groups, run_process

FORKS = 10
FACE = "def nothing():\n    pass\n"
IMPORT = """
import importlib, sys
import kfp.dsl.executor, mlflow
from components.shared.execution.code_version import source_files
for file in source_files(sys.argv[1]):
    if file.suffix == ".py":
        importlib.import_module(".".join(file.relative_to(sys.argv[2]).with_suffix("").parts))
"""


def seconds_of_pythons(project: Path) -> float:
    """Seconds that new Pythons take, one a stage, to import what its work needs."""
    started = time.perf_counter()
    for stage in STAGES:
        subprocess.run([sys.executable, "-c", IMPORT, stage, str(project)], check=True)
    return time.perf_counter() - started


def seconds_of_forks(folder: Path, forks: int) -> float:
    """Seconds that so many tasks take that do nothing."""
    given = json.dumps({"inputs": {}, "outputs": {"outputFile": str(folder / "outputs.json")}})
    command = ["sh", "-ec", "", FACE, "--executor_input", given]
    started = time.perf_counter()
    for _ in range(forks):
        assert run_process([*command, "--function_to_execute", "nothing"]) == 0
    return time.perf_counter() - started


def main() -> None:
    """Time both ways."""
    project = Path(__file__).resolve().parents[1]
    os.environ["PYTHONPATH"] = str(project)
    pythons = seconds_of_pythons(project)
    with tempfile.TemporaryDirectory() as folder, own_groups():
        first = seconds_of_forks(Path(folder), 1)
        more = seconds_of_forks(Path(folder), FORKS) / FORKS
    forks = first + more * (len(STAGES) - 1)
    print(f"{len(STAGES)} stages, each in a new Python: {pythons:.1f} s of importing")
    print(f"forks: {first:.1f} s for the first, {more:.2f} s for each other: {forks:.1f} s")
    print(f"{pythons / forks:.1f} times")


if __name__ == "__main__":
    main()
