"""A run's wall time next to the sum of what its stages worked.

    python benchmarks/whole_run.py RUN_DIR

The folder of a run that took nothing from an earlier one: stages that were reused say how long they
worked then, and are left out with their share of the run unknown.
"""

import json
import sys
from pathlib import Path

from rows import Missing, Row

DEFAULT = Path("runs/quickstart")


def rows(folder: Path = DEFAULT) -> list[Row | Missing]:
    """One row: seconds of the run, and of its stages' work."""
    file = folder / "run.json"
    name = "whole run; sum of its stages' work"
    if not file.is_file():
        return [Missing(name, f"no run in {folder}: give one with --run")]
    run = json.loads(file.read_text(encoding="utf-8"))
    if any(task["reused"] for task in run["tasks"]):
        return [Missing(name, f"the run in {folder} took stages from an earlier one")]
    work = sum(task["seconds"] for task in run["tasks"])
    return [Row(f"{name} ({folder.name})", run["seconds"], None, work, "s")]


if __name__ == "__main__":
    for found in rows(folder=Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT):
        print(found)
