"""Pipeline runs side by side, from their MLflow parent runs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from components.shared.execution import tracking
from components.shared.execution.liveness import is_lost
from pipeline.results.labels import is_ranked

HEADLINE = (
    "devise/seen/flat_hit_at_1",
    "devise/seen/hierarchical_precision_at_5",
    "devise/unseen/flat_hit_at_1",
    "devise/unseen_plus_seen/flat_hit_at_5",
    "devise/unseen_plus_seen/harmonic_mean",
    "softmax/seen/flat_hit_at_1",
    "random/seen/hierarchical_precision_at_5",
)
PREFIX = "pipeline."
PAGE = 1000


def runs_table(experiment: str, metrics: tuple[str, ...] = HEADLINE) -> pd.DataFrame:
    """A row for each pipeline run: name, start, status, parameters that differ, metrics.

    A run that MLflow has as RUNNING and that gave no sign of life for two hours is LOST; `cached`
    are those whose figures an earlier run made. A figure whose k is beyond the labels that there
    are has no value.

    Args:
        experiment: Of MLflow.
        metrics: Names of the columns of figures.

    Raises:
        ValueError: There is no such experiment, or no run in it.
    """
    client = tracking.client()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        names = sorted(item.name for item in client.search_experiments())
        raise ValueError(f"MLflow has no experiment {experiment!r}; it has {', '.join(names)}.")
    runs = _pipeline_runs(found.experiment_id)
    if not runs:
        raise ValueError(f"Experiment {experiment!r} has no pipeline run yet.")
    parameters = pd.DataFrame([_parameters(run) for run in runs])
    differing = [name for name in parameters if parameters[name].nunique(dropna=False) > 1]
    return pd.concat([_facts(runs), parameters[differing], _metrics(runs, metrics)], axis=1)


def _pipeline_runs(experiment_id: str) -> list[Any]:
    """All of an experiment's, the newest first, however many pages of MLflow's they are."""
    run_filter = f"tags.{tracking.STAGE_TAG} = 'pipeline'"
    runs: list[Any] = []
    token: str | None = ""
    while token is not None:
        page = tracking.client().search_runs([experiment_id], run_filter, max_results=PAGE,
                                             page_token=token or None)  # fmt: skip
        runs += page
        token = page.token or None
    return runs


def _facts(runs: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run": [run.info.run_name for run in runs],
            "started": pd.to_datetime([run.info.start_time for run in runs], unit="ms").strftime(
                "%Y-%m-%d %H:%M"
            ),
            "status": ["LOST" if is_lost(run) else run.info.status for run in runs],
            "cached": ["yes" if run.data.tags.get("cached") == "true" else "" for run in runs],
        }
    )


def _parameters(run: Any) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX): value
        for name, value in run.data.params.items()
        if name.startswith(PREFIX) and not name.endswith(("_uri", "run_name"))
    }


def _metrics(runs: list[Any], names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame([_shown(run.data.metrics, names) for run in runs])


def _shown(metrics: Mapping[str, float], names: tuple[str, ...]) -> dict[str, float | None]:
    """A run's figures, none of those whose k is beyond the labels that there are."""
    columns = {name: name.split("/") for name in names}
    return {
        name: metrics.get(name) if is_ranked(metrics, candidates, column) else None
        for name, (_, candidates, column) in columns.items()
    }


def as_text(table: pd.DataFrame) -> str:
    """The table in monospace, figures in percent; nothing is marked, since nothing was tested."""
    shown = table.copy().astype(object)
    for name in (column for column in table if "/" in column):
        shown[name] = ["-" if pd.isna(value) else f"{value:.1%}" for value in table[name]]
    return str(shown.to_string(index=False))
