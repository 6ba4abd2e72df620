"""The same run several times: a folder each, and their figures together.

Runs differ in the seed of their training, or in the fold of the classes that is unseen.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from components.shared.settings.parameter import Value
from components.shared.storage.atomic import write_json
from pipeline.results.table import comparison_table

SEED, FOLD = "seed", "fold"


@dataclass(frozen=True)
class Repeats:
    """Runs that differ in few settings.

    Attributes:
        kind: `seed` or `fold`, which their folders and files are named by.
        differing: The settings in which each run differs, by its number.
    """

    kind: str
    differing: Mapping[int, Mapping[str, Value]]


def seed_repeats(seeds: Sequence[int], given: Collection[str] = ()) -> Repeats:
    """Return runs that differ in the seed of the training alone.

    Args:
        seeds: One a run.
        given: Names of the settings that a person gave.

    Raises:
        ValueError: The seed is among them.
    """
    if "training_seed" in given:
        raise ValueError("training_seed is what runs of --seeds differ in: leave it out.")
    return Repeats(SEED, {seed: {"training_seed": seed} for seed in seeds})


def run_repeats(
    repeats: Repeats,
    values: Mapping[str, Value],
    output: Path,
    run: Callable[[dict[str, Value], Path], None],
) -> str:
    """Run each into `output`/<kind>_<n>; write metrics_by_<kind>.json after each.

    Args:
        repeats: What the runs differ in; all else stays as it is.
        values: Every parameter.
        output: Folder of all runs, where stages that no difference changes are kept once.
        run: Runs the pipeline with these values into this folder.

    Returns:
        The table of the means.
    """
    kind, done = repeats.kind, list[int]()
    for number, differing in repeats.differing.items():
        name = f"{values['run_name']}-{kind}_{number}"
        run({**values, **differing, "run_name": name}, repeat_folder(output, kind, number))
        done.append(number)
        write_metrics(output, kind, done)
    means = {name: found["mean"] for name, found in read_metrics(output, kind).items()}
    listed = ", ".join(map(str, done))
    return f"\nMean over the {kind}s {listed}\n\n{comparison_table(means)}"


def repeat_folder(output: Path, kind: str, number: int) -> Path:
    """Where the results of one run lie."""
    return output / f"{kind}_{number}"


def repeats_in(output: Path, kind: str) -> list[int]:
    """Return the numbers of the runs whose figures were put together; none: there are none."""
    file = _metrics_file(output, kind)
    numbers: list[int] = json.loads(file.read_text())[f"{kind}s"] if file.is_file() else []
    return numbers


def write_metrics(output: Path, kind: str, numbers: Sequence[int]) -> None:
    """Put the figures of all runs together, in `output`/metrics_by_<kind>.json."""
    folders = [repeat_folder(output, kind, number) for number in numbers]
    found = [json.loads((folder / "metrics.json").read_text()) for folder in folders]
    content = {f"{kind}s": list(numbers), "metrics": metrics_together(found)}
    write_json(_metrics_file(output, kind), content, sort_keys=True)


def read_metrics(output: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Mean, spread and values of each figure, as `metrics_together` gives them."""
    metrics: dict[str, dict[str, Any]]
    metrics = json.loads(_metrics_file(output, kind).read_text())["metrics"]
    return metrics


def metrics_together(found: Sequence[Mapping[str, float]]) -> dict[str, dict[str, object]]:
    """Mean and spread of each figure over the runs.

    Args:
        found: Content of metrics.json of each run.

    Returns:
        For each name that all have: values, their mean, and their standard deviation (of the
        sample: divided by n - 1), 0 for one run.
    """
    common = set(found[0]).intersection(*found[1:])
    return {name: _spread([metrics[name] for metrics in found]) for name in sorted(common)}


def _metrics_file(output: Path, kind: str) -> Path:
    return output / f"metrics_by_{kind}.json"


def _spread(values: list[float]) -> dict[str, object]:
    deviation = stdev(values) if len(values) > 1 else 0.0
    return {"values": values, "mean": fmean(values), "standard_deviation": deviation}
