"""Starting a stage's process: a fork of one that has imported everything, next to a new Python.

    python benchmarks/startup.py

Prints the seconds of each in one run, for as many stages as there are, their ratio, and of each
stage the seconds of importing what its work needs and what its face alone does, which is all that a
finished stage takes, with the packages among it that take long.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row

from components.shared.execution.code_version import ROOT
from pipeline.local.processes import own_groups, run_process

FORKS = 10
FACE = "def nothing():\n    pass\n"
STAGES = sorted(face.parent.name for face in (ROOT / "components").glob("*/component.py"))
HEAVY = ("kfp", "mlflow", "torch", "pandas", "gensim", "sklearn")
IMPORT = """
import importlib, sys
if len(sys.argv) > 3:
    import kfp.dsl.executor, mlflow
from components.shared.execution.code_version import source_files
for file in source_files(sys.argv[1]):
    if file.suffix == ".py" and file.name != "component.py":
        importlib.import_module(".".join(file.relative_to(sys.argv[2]).with_suffix("").parts))
"""
"""All that a stage's work needs; with a third argument also what KFP's own way imports."""
ALONE = """
import sys, components.shared.execution.stage_run
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


def seconds_of_python(*arguments: str) -> float:
    """Seconds that a new Python takes to import what the stage's work needs."""
    started = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", IMPORT, *arguments], check=True, env=environment)
    return time.perf_counter() - started


def seconds_of_forks(folder: Path, forks: int) -> float:
    """Seconds that so many tasks take that do nothing."""
    given = json.dumps({"inputs": {}, "outputs": {"outputFile": str(folder / "outputs.json")}})
    command = ["sh", "-ec", "", FACE, "--executor_input", given]
    started = time.perf_counter()
    for _ in range(forks):
        assert run_process([*command, "--function_to_execute", "nothing"]) == 0
    return time.perf_counter() - started


def heavy_packages() -> str:
    """Those of the packages that take long to import which a finished stage imports."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ALONE, *HEAVY]
    return subprocess.run(
        command, check=True, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def rows(is_quick: bool = False) -> list[Row]:
    """All stages' processes, in both ways."""
    os.environ["PYTHONPATH"] = str(ROOT)
    stages = STAGES[:2] if is_quick else STAGES
    pythons = sum(seconds_of_python(stage, str(ROOT), "kfp") for stage in stages)
    with tempfile.TemporaryDirectory() as folder, own_groups():
        first = seconds_of_forks(Path(folder), 1)
        more = seconds_of_forks(Path(folder), 1 if is_quick else FORKS) / (1 if is_quick else FORKS)
    forks = first + more * (len(stages) - 1)
    what = f"start-up of {len(stages)} stages, forks of one process; a new Python each"
    return [Row(what, forks, pythons, None, "s")]


def main() -> None:
    """Print the row, and the seconds of each stage."""
    for row in rows():
        print(f"{row.name}: {row.ours:.1f} s, {row.plain:.1f} s: {row.times(row.plain):.1f} times")
    print(f"a finished stage imports of {', '.join(HEAVY)}: {heavy_packages() or 'none'}")
    for stage in STAGES:
        print(f"{stage}: {seconds_of_python(stage, str(ROOT)):.1f} s of importing what it needs")


if __name__ == "__main__":
    main()
