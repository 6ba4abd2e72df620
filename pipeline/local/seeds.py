"""The same run with several seeds of the training: a folder each, and their figures together."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev

from components.shared.settings.parameter import Value
from components.shared.storage.atomic import write_json
from pipeline.results.table import comparison_table

METRICS_BY_SEED = "metrics_by_seed.json"


def run_seeds(
    seeds: Sequence[int],
    values: Mapping[str, Value],
    output: Path,
    run: Callable[[dict[str, Value], Path], None],
) -> str:
    """Run once a seed into `output`/seed_<n>; write metrics_by_seed.json after each.

    Args:
        seeds: Of the training; all else stays as it is.
        values: Every parameter.
        output: Folder of all runs, where stages that no seed changes are kept once.
        run: Runs the pipeline with these values into this folder.

    Returns:
        The table of the means.
    """
    for position, seed in enumerate(seeds):
        name = f"{values['run_name']}-seed_{seed}"
        run({**values, "training_seed": seed, "run_name": name}, seed_folder(output, seed))
        write_metrics_by_seed(output, seeds[: position + 1])
    means = {name: found["mean"] for name, found in read_metrics_by_seed(output).items()}
    listed = ", ".join(map(str, seeds))
    return f"\nMean over the seeds {listed}\n\n{comparison_table(means)}"


def seed_folder(output: Path, seed: int) -> Path:
    """Where the results of one seed lie."""
    return output / f"seed_{seed}"


def write_metrics_by_seed(output: Path, seeds: Sequence[int]) -> None:
    """Put the figures of all seeds together, in `output`/metrics_by_seed.json."""
    found = [json.loads((seed_folder(output, n) / "metrics.json").read_text()) for n in seeds]
    content = {"seeds": list(seeds), "metrics": metrics_by_seed(found)}
    write_json(output / METRICS_BY_SEED, content, sort_keys=True)


def read_metrics_by_seed(output: Path) -> dict[str, dict[str, float]]:
    """Mean, spread and values of each figure, as `metrics_by_seed` gives them."""
    metrics: dict[str, dict[str, float]]
    metrics = json.loads((output / METRICS_BY_SEED).read_text())["metrics"]
    return metrics


def metrics_by_seed(found: Sequence[Mapping[str, float]]) -> dict[str, dict[str, object]]:
    """Mean and spread of each figure over the seeds.

    Args:
        found: Content of metrics.json of each seed.

    Returns:
        For each name that all have: values, their mean, and their standard deviation (of the
        sample: divided by n - 1), 0 for one seed.
    """
    common = set(found[0]).intersection(*found[1:])
    return {name: _spread([metrics[name] for metrics in found]) for name in sorted(common)}


def _spread(values: list[float]) -> dict[str, object]:
    deviation = stdev(values) if len(values) > 1 else 0.0
    return {"values": values, "mean": fmean(values), "standard_deviation": deviation}
