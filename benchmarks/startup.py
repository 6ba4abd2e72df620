"""Starting a stage's process: a fork of one that has imported everything, next to a new Python.

    python benchmarks/startup.py

Prints the seconds of each in one run, for as many stages as there are, their ratio, and the seconds
from a fork to the beginning of a stage's own work, of which at most one is asked, of the slowest
stage; of each stage the seconds of importing what its work needs, which packages that take long a
finished stage imports, and the packages that take longest in the process that all are forks of.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from rows import Row

from components.shared.execution import tracking
from components.shared.execution.code_version import ROOT
from pipeline.local.processes import own_groups, run_process
from pipeline.local.tracking_database import make_database

FORKS, ROUNDS, LONGEST = 10, 3, 5
FACE = "def nothing():\n    pass\n"
BEGINNING = """
def beginning(stage: str, noted: str):
    import time
    from importlib import import_module
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.taxonomy import TaxonomySettings
    from pipeline.local.preloaded import modules_of

    def work() -> dict:
        for module in modules_of(stage):
            import_module(module)
        Path(noted).write_text(str(time.monotonic()))
        return {}

    StageRun(stage, "", TaxonomySettings.model_construct()).execute(work)
"""
"""As a stage's face, with what its work imports at its beginning, and without inputs."""
PRELOADED = "import pipeline.local.preloaded"
IMPORTED = re.compile(r"import time: +(\d+) \| +\d+ \| +(\w+)")
"""Microseconds of a module without those that it imports, and its package."""
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


def seconds_to_the_work(stage: str, folder: Path) -> float:
    """Seconds from asking for a fork to the beginning of the stage's own work."""
    noted = folder / "noted"
    outputs = {"outputFile": str(folder / "outputs.json")}
    values = {"stage": stage, "noted": str(noted)}
    given = json.dumps({"inputs": {"parameterValues": values}, "outputs": outputs})
    command = ["sh", "-ec", "", BEGINNING, "--executor_input", given]
    started = time.monotonic()
    assert run_process([*command, "--function_to_execute", "beginning"]) == 0
    return float(noted.read_text()) - started


def slowest(stages: list[str], folder: Path, rounds: int) -> tuple[str, float]:
    """The stage whose work begins last after its fork, and the fewest of its seconds."""
    least = {
        stage: min(seconds_to_the_work(stage, folder) for _ in range(rounds)) for stage in stages
    }
    last = max(least, key=least.__getitem__)
    return last, least[last]


def longest_imports() -> list[tuple[str, float]]:
    """The packages that take longest of all that stages import, with the seconds of each."""
    command = [sys.executable, "-X", "importtime", "-c", PRELOADED]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        command, check=True, env=environment, stderr=subprocess.PIPE, text=True
    ).stderr
    microseconds: Counter[str] = Counter()
    for took, package in IMPORTED.findall(told):
        microseconds[package] += int(took)
    return [(package, took / 1e6) for package, took in microseconds.most_common(LONGEST)]


def heavy_packages() -> str:
    """Those of the packages that take long to import which a finished stage imports."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ALONE, *HEAVY]
    return subprocess.run(
        command, check=True, env=environment, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def rows(is_quick: bool = False) -> list[Row]:
    """All stages' processes in both ways, and how soon the work begins in the slowest."""
    stages = STAGES[:1] if is_quick else STAGES
    with (
        tempfile.TemporaryDirectory() as name,
        patch.dict(os.environ, _as_in_a_run(Path(name))),
        own_groups(),
    ):
        # As open_run does, before any stage.
        tracking.open_parent("startup", "startup", {})
        pythons = sum(seconds_of_python(stage, str(ROOT), "kfp") for stage in stages)
        folder, count = Path(name), 1 if is_quick else FORKS
        first = seconds_of_forks(folder, 1)
        forks = first + seconds_of_forks(folder, count) / count * (len(stages) - 1)
        last, seconds = slowest(stages, folder, 1 if is_quick else ROUNDS)
    what = f"start-up of {len(stages)} stages, forks of one process; a new Python each"
    begins = f"from the fork to the beginning of a stage's own work, the slowest: {last}"
    return [Row(what, forks, pythons, None, "s"), Row(begins, seconds, None, None, "s")]


def _as_in_a_run(folder: Path) -> dict[str, str]:
    """An environment as a run's, with a database of MLflow's of its own."""
    uri = f"sqlite:///{folder}/mlflow.db"
    make_database(uri)
    return {
        "PYTHONPATH": str(ROOT),
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DEVISE_RUN_DIR": str(folder),
        "KFP_RUN_ID": "startup",
    }


def main() -> None:
    """Print the rows, what is imported, and the seconds of each stage."""
    for row in rows():
        plain = (
            "" if row.plain is None else f", {row.plain:.1f} s: {row.times(row.plain):.1f} times"
        )
        print(f"{row.name}: {row.ours:.2f} s{plain}")
    took = ", ".join(f"{package} {seconds:.2f} s" for package, seconds in longest_imports())
    print(f"the process that all are forks of imports longest: {took}")
    print(f"a finished stage imports of {', '.join(HEAVY)}: {heavy_packages() or 'none'}")
    for stage in STAGES:
        print(f"{stage}: {seconds_of_python(stage, str(ROOT)):.1f} s of importing what it needs")


if __name__ == "__main__":
    main()
