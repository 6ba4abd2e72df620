"""MLflow: a parent run for each pipeline run, a nested run for each stage.

Three modes, told apart by the environment alone, because a run id in a parameter would spoil KFP's
cache: runs injected by KFP's MLflow plugin (`MLFLOW_RUN_ID`), runs of our own on the server that
`MLFLOW_TRACKING_URI` names (found again by the tag `kfp_run_id`), and no tracking at all.

All runs of a pipeline run carry its id, and while a stage works its run and the parent carry the
time of its last sign of life (`liveness`).
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.shared.execution.liveness import beating, seen_now

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

PARENT_TAG = "mlflow.parentRunId"
RUN_TAG = "kfp_run_id"
STAGE_TAG = "stage"
PIPELINE = "pipeline"
"""What the parent run carries as its stage."""
KEY_TAG = "stage_key"
REUSED_TAG = "reused"
DATABASE = "sqlite:///"
LONGEST_VALUE = 5000
# Without it the page of the experiment opens on traces of language models.
TRAINING = {"mlflow.experimentKind": "custom_model_development"}


def is_tracked() -> bool:
    """Whether the environment names an MLflow server."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI"))


def pipeline_run_id() -> str:
    """The pipeline run that this process belongs to.

    Raises:
        ValueError: The environment does not say.
    """
    run_id = os.environ.get("KFP_RUN_ID", "")
    if not run_id:
        raise ValueError("KFP_RUN_ID is not set: a stage must know its pipeline run.")
    return run_id


def client() -> "MlflowClient":
    """Client for the server that MLFLOW_TRACKING_URI names."""
    from mlflow import MlflowClient

    return MlflowClient()


@dataclass(frozen=True)
class Tracker:
    """Where a stage's parameters and metrics go; without a run they go nowhere."""

    run_id: str | None = None
    parent_id: str | None = None

    def parameters(self, values: Mapping[str, Any]) -> None:
        """Log parameters to the stage's run."""
        if self.run_id:
            log_parameters(self.run_id, values)

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics to the stage's run."""
        if self.run_id:
            log_metrics(self.run_id, values, step)

    def headline(self, values: Mapping[str, float]) -> None:
        """Log metrics to the parent run, so that pipeline runs compare row by row."""
        if self.parent_id:
            log_metrics(self.parent_id, values, None)

    def headline_tags(self, values: Mapping[str, str]) -> None:
        """Set tags of the parent run."""
        if self.parent_id:
            set_tags(self.parent_id, values)

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags of the stage's run."""
        if self.run_id:
            set_tags(self.run_id, values)

    def beat(self) -> None:
        """Give a sign of life: on the stage's run, and on the parent's."""
        self.tags(seen_now())
        self.headline_tags(seen_now())

    def artifact(self, path: str) -> None:
        """Attach a file to the parent run."""
        if self.parent_id:
            client().log_artifact(self.parent_id, path)


def log_parameters(run_id: str, values: Mapping[str, Any]) -> None:
    """Log parameters; a value longer than MLflow takes is cut, with its length."""
    from mlflow.entities import Param

    texts = ((name, str(value)) for name, value in values.items())
    params = [
        Param(name, text if len(text) <= LONGEST_VALUE else f"{text[:100]}... ({len(text)} long)")
        for name, text in texts
    ]
    client().log_batch(run_id, params=params)


def log_metrics(run_id: str, values: Mapping[str, float], step: int | None) -> None:
    """Log metrics in batches of the size that MLflow takes."""
    from mlflow.entities import Metric

    now = int(time.time() * 1000)
    metrics = [Metric(name, float(value), now, step or 0) for name, value in values.items()]
    for start in range(0, len(metrics), 900):
        client().log_batch(run_id, metrics=metrics[start : start + 900])


def set_tags(run_id: str, values: Mapping[str, str]) -> None:
    """Set tags of a run in one request."""
    from mlflow.entities import RunTag

    client().log_batch(run_id, tags=[RunTag(name, value) for name, value in values.items()])


def runs_where(run_filter: str) -> list["Run"]:
    """Runs of every experiment that MLflow's filter lets through, the oldest first."""
    experiments = [found.experiment_id for found in client().search_experiments()]
    order = ["attributes.start_time ASC"]
    return list(client().search_runs(experiments, run_filter, order_by=order))


def of_this_pipeline_run() -> str:
    """MLflow's filter for all runs of the pipeline run that this process belongs to."""
    return f"tags.{RUN_TAG} = '{pipeline_run_id()}'"


def _parent_of(run_id: str) -> str:
    parent = client().get_run(run_id).data.tags.get(PARENT_TAG)
    return _parent_of(parent) if parent else run_id


def find_parent() -> str | None:
    """Id of the parent run, the injected one's root or the one that open_run made."""
    injected = os.environ.get("MLFLOW_RUN_ID")
    if injected:
        return _parent_of(injected)
    found = runs_where(f"{of_this_pipeline_run()} and tags.{STAGE_TAG} = '{PIPELINE}'")
    return str(found[0].info.run_id) if found else None


def open_parent(experiment: str, run_name: str, tags: Mapping[str, str]) -> str | None:
    """Make the parent run of this pipeline run, or take up the one that is there.

    Returns:
        The run's id; None without tracking.
    """
    if not is_tracked():
        return None
    run_id = find_parent() or _create_parent(experiment, run_name)
    client().update_run(run_id, status="RUNNING")
    own = {RUN_TAG: pipeline_run_id(), STAGE_TAG: PIPELINE}
    set_tags(run_id, {**own, **seen_now(), **tags})
    return run_id


def _create_parent(experiment: str, run_name: str) -> str:
    experiment_id = _find_experiment(experiment) or _create_experiment(experiment)
    tags = {RUN_TAG: pipeline_run_id(), STAGE_TAG: PIPELINE}
    return str(client().create_run(experiment_id, tags=tags, run_name=run_name).info.run_id)


def _find_experiment(name: str) -> str | None:
    found = client().get_experiment_by_name(name)
    return str(found.experiment_id) if found else None


def _create_experiment(name: str) -> str:
    from mlflow.exceptions import MlflowException

    place = _artifact_location()
    try:
        return str(client().create_experiment(name, artifact_location=place, tags=TRAINING))
    except MlflowException:
        # Another first run may have made it at the same time.
        found = _find_experiment(name)
        if found is None:
            raise
        return found


def _artifact_location() -> str | None:
    # A database has no folder of artifacts of its own, and MLflow would use the present one.
    uri = os.environ["MLFLOW_TRACKING_URI"]
    if not uri.startswith(DATABASE):
        return None
    return (Path(uri.removeprefix(DATABASE)).absolute().parent / "mlartifacts").as_uri()


def close_parent(status: str) -> None:
    """End the parent run: FINISHED, FAILED."""
    parent = find_parent() if is_tracked() else None
    if parent:
        client().set_terminated(parent, status)


def open_nested(task: str, key: str) -> Tracker:
    """Begin the run of a task; `tracked` ends it.

    Args:
        task: Name of the run.
        key: Of the task's inputs; a run of the same key that was left running is ended first.

    Raises:
        ValueError: The pipeline run has no parent run.
    """
    parent = find_parent()
    if parent is None:
        raise ValueError(
            f"MLflow has no run tagged {RUN_TAG}={pipeline_run_id()}: open_run must come first, "
            "on the same MLFLOW_TRACKING_URI."
        )
    tags = {RUN_TAG: pipeline_run_id(), STAGE_TAG: task, KEY_TAG: key}
    tracker = Tracker(_take_injected(tags) or _create_nested(parent, tags), parent)
    _revive(parent)
    tracker.beat()
    return tracker


def _take_injected(tags: Mapping[str, str]) -> str | None:
    """Return the run that KFP's plugin made for this task, also where it is tried again."""
    injected = os.environ.get("MLFLOW_RUN_ID")
    if injected:
        client().update_run(injected, status="RUNNING")
        set_tags(injected, tags)
    return injected


def _create_nested(parent: str, tags: Mapping[str, str]) -> str:
    experiment = client().get_run(parent).info.experiment_id
    _end_killed(experiment, parent, tags[KEY_TAG])
    made = client().create_run(
        experiment, tags={PARENT_TAG: parent, **tags}, run_name=tags[STAGE_TAG]
    )
    return str(made.info.run_id)


def _revive(parent: str) -> None:
    """Take back that the parent was killed, for whoever thought so while all its pods waited."""
    if client().get_run(parent).info.status == "KILLED":
        client().update_run(parent, status="RUNNING")


def _end_killed(experiment: str, parent: str, key: str) -> None:
    """End what an earlier attempt at this very task left running when it was killed."""
    of_task = f"tags.`{PARENT_TAG}` = '{parent}' and tags.{KEY_TAG} = '{key}'"
    running = f"{of_task} and attributes.status = 'RUNNING'"
    for left in client().search_runs([experiment], running):
        client().set_terminated(left.info.run_id, "KILLED")


@contextmanager
def tracked(task: str, key: str) -> Iterator[Tracker]:
    """A nested run for a task, with signs of life; its failure marks it and the parent FAILED.

    Args:
        task: Name of the run, a stage's name or that with what sets this task apart.
        key: Of the task's inputs; a run of the same key that was left running is ended first.
    """
    if not is_tracked():
        yield Tracker()
        return
    tracker = open_nested(task, key)
    assert tracker.run_id is not None
    try:
        with beating(tracker.beat):
            yield tracker
    except BaseException:
        client().set_terminated(tracker.run_id, "FAILED")
        close_parent("FAILED")
        raise
    client().set_terminated(tracker.run_id, "FINISHED")
