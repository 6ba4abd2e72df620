"""All benchmarks that need no GPU: one table of ours next to the plain way and to the bound.

    python benchmarks/all.py [--quick] [--run RUN_DIR] [--against COMMIT] [--only NAME ...]

About five minutes on two CPUs. What a row compares is measured in turn, in this one run, so that
its ratio stays the same across machines; times above 1 are ours being faster. A row whose package
or run is missing says so. `--quick` takes tiny sizes and says nothing of speed.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

# As `python benchmarks/...` has it, wherever this is imported from.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from rows import Missing, Row

from components.shared.machine import machine_facts
from components.shared.markdown import table

Found = Iterable[Row | Missing]


def main(arguments: list[str]) -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--quick", action="store_true", help="tiny sizes")
    asked.add_argument("--run", type=Path, default=Path("runs/quickstart"), help="a run's folder")
    asked.add_argument("--against", default="", metavar="COMMIT", help="whole runs beside those of")
    asked.add_argument("--only", nargs="+", help="of these benchmarks alone")
    given = asked.parse_args(arguments)
    found: list[Row | Missing] = []
    for name, measure in benchmarks(given.quick, given.run, given.against).items():
        if given.only is None or name in given.only:
            print(f"{name} ...", file=sys.stderr, flush=True)
            # What is measured says how far it is.
            with redirect_stdout(sys.stderr):
                found.extend(measure())
    print(machine())
    print()
    print(as_table(found))


def benchmarks(is_quick: bool, run: Path, against: str) -> dict[str, Callable[[], Found]]:
    """What measures the rows of each benchmark, by its module's name."""
    return {
        "image_input": partial(_rows, "image_input", is_quick),
        "image_requests": partial(_rows, "image_requests", is_quick),
        "losses": partial(_rows, "losses", is_quick),
        "ranking": partial(_rows, "ranking", is_quick),
        "wikipedia_dump": partial(_rows, "wikipedia_dump", is_quick),
        "skipgram": partial(_rows, "skipgram", is_quick),
        "training_step": partial(_rows, "training_step", is_quick),
        "startup": partial(_rows, "startup", is_quick),
        "runs": partial(_rows, "runs", is_quick, against),
        "whole_run": partial(_rows, "whole_run", folder=run),
    }


def _rows(module: str, *given: Any, **named: Any) -> Found:
    found: Found = importlib.import_module(module).rows(*given, **named)
    return found


def machine() -> str:
    """On what it was measured."""
    facts = machine_facts()
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{facts['processor']}, {facts['cpus']} CPUs, {facts['threads']} thread(s), "
        f"{facts['memory_gb']} GB, {facts['system']}{busy}"
    )


def as_table(found: Found) -> str:
    """A Markdown table, a row each."""
    heads = ["what; the plain way; the bound", "unit", "ours", "plain", "bound"]
    return table([*heads, "times plain", "of the bound"], [_cells(row) for row in found])


def _cells(row: Row | Missing) -> list[str]:
    if isinstance(row, Missing):
        return [row.name, "", f"not measured: {row.reason}", "", "", "", ""]
    figures = [_figure(figure) for figure in (row.ours, row.plain, row.bound)]
    return [row.name, row.unit, *figures, *map(_ratio, (row.plain, row.bound), (row, row))]


def _figure(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


def _ratio(other: float | None, row: Row) -> str:
    times = row.times(other)
    return "" if times is None else f"{times:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
