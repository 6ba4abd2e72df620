"""A sweep in MLflow: a run of its own, below which the runs of its trials are."""

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from components.shared.execution import tracking
from components.shared.execution.mlflow_client import impatient
from components.shared.storage import store
from components.shared.storage.atomic import write_text
from pipeline.results.mlflow_pages import how_to_serve, server
from pipeline.sweeps.objective import Objective
from pipeline.sweeps.trial import FINISHED, Trial

ID = "sweep_id"
"""In the sweep's folder: what its MLflow run is found by again."""
STAGE = "sweep"
OBJECTIVE = "objective"


def open_sweep(output: Path, experiment: str, name: str, facts: Mapping[str, Any]) -> str:
    """Make the sweep's MLflow run, or take up the one that its folder knows.

    Args:
        output: The sweep's folder.
        experiment: Of MLflow; made where it is not there.
        name: Of a new run.
        facts: What is said of the sweep, as parameters of the run, without secrets.

    Returns:
        The run's id.
    """
    mark = _mark(output)
    found = tracking.runs_where(f"tags.{ID} = '{mark}'")
    if not found:
        place = tracking.experiment_id_of(experiment)
        tags = {ID: mark, tracking.STAGE_TAG: STAGE}
        made = tracking.client().create_run(place, tags=tags, run_name=name)
        tracking.log_parameters(made.info.run_id, facts)
        return str(made.info.run_id)
    run_id = str(found[0].info.run_id)
    tracking.client().update_run(run_id, status="RUNNING")
    return run_id


def _mark(output: Path) -> str:
    file = output / ID
    if not file.is_file():
        write_text(file, f"{uuid.uuid4().hex}\n")
    return file.read_text(encoding="utf-8").strip()


def nest(sweep_run: str, trial: Trial, objective: Objective) -> None:
    """End the run of a trial that ended, and put it below the sweep's, with figure and settings.

    The stage that ends the run of a whole pipeline is none of a trial's. Not before it has ended:
    while it goes on, a run that KFP made takes the topmost for its pipeline run's.

    Args:
        sweep_run: The sweep's MLflow run.
        trial: The trial.
        objective: What the figure is.
    """
    run_id = tracking.find_parent(trial.run_id, injected="") if trial.run_id else None
    if run_id is None:
        return
    figures = {} if trial.objective is None else {OBJECTIVE: trial.objective}
    if trial.objective is not None:
        figures[objective.name] = trial.objective
    shown = store.without_secrets(trial.settings)
    settings = {f"sweep.{name}": value for name, value in shown.items()}
    tags = {tracking.PARENT_TAG: sweep_run, "sweep_trial": str(trial.number)}
    tracking.log(
        run_id, tracking.measured(figures, None), tracking.as_texts(settings), tags
    )  # fmt: skip
    tracking.client().set_terminated(run_id, "FINISHED" if trial.state == FINISHED else "FAILED")


def close_sweep(sweep_run: str, best: Trial | None) -> None:
    """End the sweep's run, with the best trial's figure and settings."""
    if best is not None and best.objective is not None:
        tracking.log(
            sweep_run,
            tracking.measured({OBJECTIVE: best.objective}, None),
            tags={
                "best_trial": str(best.number),
                "best_settings": str(store.without_secrets(best.settings)),
            },
        )
    is_whole = best is not None and best.state == FINISHED
    tracking.client().set_terminated(sweep_run, "FINISHED" if is_whole else "FAILED")


def abandon_sweep(sweep_run: str) -> None:
    """Mark the sweep's run as one that does not go on; `open_sweep` takes it up again.

    Asks once: it may be for want of MLflow that it does not.
    """
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    with suppress(MlflowException, RequestException), impatient():
        tracking.client().set_terminated(sweep_run, "KILLED")


def figure_of(trial: Trial, objective: Objective) -> float | None:
    """The objective as the trial's stage reported it to MLflow; None: it did not, or no number."""
    where = f"tags.{tracking.RUN_TAG} = '{trial.run_id}' and "
    runs = tracking.runs_where(where + f"tags.{tracking.STAGE_TAG} = '{objective.task}'")
    found = [run.data.metrics[objective.metric] for run in runs
             if objective.metric in run.data.metrics]  # fmt: skip
    return float(found[-1]) if found and math.isfinite(found[-1]) else None


def comparison(trials: Sequence[Trial], uri: str) -> str:
    """Address of MLflow's page that compares the trials' runs.

    Args:
        trials: Those that have ended.
        uri: MLflow's address.
    """
    found = [tracking.find_parent(trial.run_id, injected="") for trial in trials if trial.run_id]
    ids = [run_id for run_id in found if run_id]
    if not ids:
        return ""
    experiment = tracking.client().get_run(ids[0]).info.experiment_id
    page = (
        f"{server()}/#/compare-runs?runs={quote(json.dumps(ids))}"
        f"&experiments={quote(json.dumps([experiment]))}"
    )
    return f"{page}{how_to_serve(uri)}"
