"""MLflow: a parent run for each pipeline run, a nested run for each stage.

Three modes, told apart by the environment alone, because a run id in a parameter would spoil KFP's
cache: runs injected by KFP's MLflow plugin (`MLFLOW_RUN_ID`), runs of our own on the server that
`MLFLOW_TRACKING_URI` names (found again by the tag `kfp_run_id`), and no tracking at all.

All runs of a pipeline run carry its id, and while a stage works its run and the parent carry the
time of its last sign of life (`liveness`).
"""

import json
import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from components.shared.execution.liveness import seen_now
from components.shared.execution.mlflow_client import client, is_tracked
from components.shared.execution.reports import Heading
from components.shared.execution.run_folder import run_folder

if TYPE_CHECKING:
    from mlflow.entities import Run

__all__ = ["client", "is_tracked"]

PARENT_TAG = "mlflow.parentRunId"
RUN_TAG = "kfp_run_id"
STAGE_TAG = "stage"
PIPELINE = "pipeline"
"""What the parent run carries as its stage."""
KEY_TAG = "stage_key"
MARK_TAG = "report"
HOST_TAG, FOLDER_TAG = "host", "folder"
"""Where a run of one machine is at work."""
REUSED_TAG = "reused"
DATABASE = "sqlite:///"
LONGEST_VALUE = 5000
BATCH = 900
"""Metrics, parameters and tags that go into one request; MLflow takes 1,000."""
_PARENTS: dict[tuple[str, str], str] = {}
"""Parent runs that this process has found, by where and of which pipeline run.

On one machine a process takes all finished stages of a run, and a search reads every run there is.
"""
Measured = tuple[str, float, int, int]
"""A metric: its name, value, time in milliseconds since 1970, and step."""


@dataclass(frozen=True)
class Source:
    """Data that a run reads.

    Attributes:
        name: For people.
        uri: Its address.
        digest: Tells its states apart, 36 characters at most.
        profile: How much there is, JSON.
        context: What reads it.
    """

    name: str
    uri: str
    digest: str
    profile: str
    context: str


# Without it the page of the experiment opens on traces of language models.
TRAINING = {"mlflow.experimentKind": "custom_model_development"}


def pipeline_run_id() -> str:
    """The pipeline run that this process belongs to.

    Raises:
        ValueError: The environment does not say.
    """
    run_id = os.environ.get("KFP_RUN_ID", "")
    if not run_id:
        raise ValueError("KFP_RUN_ID is not set: a stage must know its pipeline run.")
    return run_id


def log_parameters(run_id: str, values: Mapping[str, Any]) -> None:
    """Log parameters; a value longer than MLflow takes is cut, with its length."""
    log(run_id, params=as_texts(values))


def measured(values: Mapping[str, float], step: int | None) -> list[Measured]:
    """Metrics as measured now."""
    now = int(time.time() * 1000)
    return [(name, float(value), now, step or 0) for name, value in values.items()]


def as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as MLflow takes them."""
    texts = {name: str(value) for name, value in values.items()}
    return {
        name: text if len(text) <= LONGEST_VALUE else f"{text[:100]}... ({len(text)} long)"
        for name, text in texts.items()
    }


def log(
    run_id: str,
    metrics: Sequence[Measured] = (),
    params: Mapping[str, str] = MappingProxyType({}),
    tags: Mapping[str, str] = MappingProxyType({}),
    model_id: str | None = None,
) -> None:
    """Log to a run, in batches of the size that MLflow takes; the same again changes nothing.

    Args:
        run_id: The run.
        metrics: As measured.
        params: By name.
        tags: By name.
        model_id: A model that the metrics were measured of, which keeps them too; None: of none.
    """
    from mlflow.entities import Metric, Param, RunTag

    figures = [Metric(*one, model_id) for one in metrics]
    given = [Param(name, value) for name, value in params.items()]
    marks = [RunTag(name, value) for name, value in tags.items()]
    # One request takes all, as long as they are few.
    first = max(0, BATCH - len(given) - len(marks))
    if figures or given or marks:
        client().log_batch(run_id, figures[:first], params=given, tags=marks)
    for start in range(first, len(figures), BATCH):
        client().log_batch(run_id, figures[start : start + BATCH])


def log_sources(run_id: str, sources: Iterable[Source]) -> None:
    """List what a run reads as its inputs; the same again changes nothing."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    inputs = [
        DatasetInput(
            Dataset(
                name=source.name,
                digest=source.digest,
                source_type="uri",
                source=json.dumps({"uri": source.uri}),
                profile=source.profile,
            ),
            [InputTag("mlflow.data.context", source.context)],
        )
        for source in sources
    ]
    client().log_inputs(run_id, inputs)


def set_tags(run_id: str, values: Mapping[str, str]) -> None:
    """Set tags of a run in one request."""
    log(run_id, tags=values)


def runs_where(run_filter: str) -> list["Run"]:
    """Runs of every experiment that MLflow's filter lets through, the oldest first."""
    experiments = [found.experiment_id for found in client().search_experiments()]
    order = ["attributes.start_time ASC"]
    return list(client().search_runs(experiments, run_filter, order_by=order))


def of_this_pipeline_run() -> str:
    """MLflow's filter for all runs of the pipeline run that this process belongs to."""
    return _of(pipeline_run_id())


def _of(pipeline_run: str) -> str:
    return f"tags.{RUN_TAG} = '{pipeline_run}'"


def _parent_of(run_id: str) -> "Run":
    run = client().get_run(run_id)
    parent = run.data.tags.get(PARENT_TAG)
    return _parent_of(parent) if parent else run


def find_parent(pipeline_run: str = "", injected: str | None = None) -> str | None:
    """Id of the parent run, the injected one's root or the one that open_run made.

    Args:
        pipeline_run: Of which; empty: that of this process.
        injected: Run that KFP made for the task; None: what the environment says.
    """
    found = _parent_run(pipeline_run, injected)
    return str(found.info.run_id) if found else None


def _parent_run(pipeline_run: str, injected: str | None) -> "Run | None":
    injected = os.environ.get("MLFLOW_RUN_ID") if injected is None else injected
    if injected:
        return _parent_of(injected)
    place = (os.environ.get("MLFLOW_TRACKING_URI", ""), pipeline_run or pipeline_run_id())
    if place in _PARENTS:
        return client().get_run(_PARENTS[place])
    found = _parents(place[1])
    if found:
        _PARENTS[place] = str(found[0].info.run_id)
    return found[0] if found else None


def _parents(pipeline_run: str) -> list["Run"]:
    return runs_where(f"{_of(pipeline_run)} and tags.{STAGE_TAG} = '{PIPELINE}'")


def open_parent(experiment: str, run_name: str, tags: Mapping[str, str]) -> str | None:
    """Make the parent run of this pipeline run, or take up the one that is there.

    Returns:
        The run's id; None without tracking.
    """
    if not is_tracked():
        return None
    run_id = find_parent() or _create_parent(experiment, run_name)
    client().update_run(run_id, status="RUNNING")
    own = {RUN_TAG: pipeline_run_id(), STAGE_TAG: PIPELINE, **place_tags()}
    set_tags(run_id, {**own, **seen_now(), **tags})
    return run_id


def place_tags() -> dict[str, str]:
    """Tags of a run on this machine that say where it is at work."""
    folder = run_folder()
    return {HOST_TAG: socket.gethostname(), FOLDER_TAG: str(folder)} if folder else {}


def experiment_id_of(name: str) -> str:
    """Id of the experiment of that name, which is made where it is not there."""
    return _find_experiment(name) or _create_experiment(name)


def _create_parent(experiment: str, run_name: str) -> str:
    experiment_id = experiment_id_of(experiment)
    tags = {RUN_TAG: pipeline_run_id(), STAGE_TAG: PIPELINE}
    client().create_run(experiment_id, tags=tags, run_name=run_name)
    return _only(_parents(pipeline_run_id()))


def _only(made: Sequence["Run"]) -> str:
    """Id of the run that was made; where an answer was lost, the client has made two."""
    first, *others = made
    for other in others:
        client().delete_run(other.info.run_id)
    return str(first.info.run_id)


def _find_experiment(name: str) -> str | None:
    found = client().get_experiment_by_name(name)
    return str(found.experiment_id) if found else None


def _create_experiment(name: str) -> str:
    from mlflow.exceptions import MlflowException

    place = _artifact_location()
    try:
        return str(client().create_experiment(name, artifact_location=place, tags=TRAINING))
    except MlflowException as error:
        # Made by another run, or by ourselves where the answer was lost.
        found = _find_experiment(name)
        if error.error_code != "RESOURCE_ALREADY_EXISTS" or found is None:
            raise
        return found


def _artifact_location() -> str | None:
    # A database has no folder of artifacts of its own, and MLflow would use the present one.
    uri = os.environ["MLFLOW_TRACKING_URI"]
    if not uri.startswith(DATABASE):
        return None
    return (Path(uri.removeprefix(DATABASE)).absolute().parent / "mlartifacts").as_uri()


def close_parent(status: str, pipeline_run: str = "") -> None:
    """End the parent run: FINISHED, FAILED, KILLED.

    Args:
        status: How it ended.
        pipeline_run: Of which; empty: that of this process.
    """
    parent = find_parent(pipeline_run) if is_tracked() else None
    if parent:
        client().set_terminated(parent, status)


@dataclass(frozen=True)
class Nested:
    """The run of a task.

    Attributes:
        run_id: Its id.
        parent_id: That of the pipeline run's run.
        is_whole: Whether it has all that is to be said of the task, from an earlier time.
    """

    run_id: str
    parent_id: str
    is_whole: bool = False


def open_nested(heading: Heading) -> Nested:
    """Begin the run of a task, or find the one that its report or an earlier one began.

    Raises:
        ValueError: The pipeline run has no parent run.
    """
    parent = _parent_run(heading.pipeline_run, heading.injected)
    if parent is None:
        raise ValueError(
            f"MLflow has no run tagged {RUN_TAG}={heading.pipeline_run}: open_run must come "
            "first, on the same MLFLOW_TRACKING_URI."
        )
    parent_id = str(parent.info.run_id)
    _revive(parent)
    tags = {
        RUN_TAG: heading.pipeline_run,
        STAGE_TAG: heading.task,
        KEY_TAG: heading.key,
        MARK_TAG: heading.mark,
        **place_tags(),
    }
    if heading.injected:
        return Nested(_take_injected(heading.injected, tags), parent_id)
    own, finished = _earlier(parent, heading)
    if own or finished:
        return Nested((own or finished)[0], parent_id, is_whole=not own)
    return Nested(_create_nested(parent, tags, heading), parent_id)


def _take_injected(injected: str, tags: Mapping[str, str]) -> str:
    """Take the run that KFP's plugin made for this task, also where it is tried again."""
    client().update_run(injected, status="RUNNING")
    set_tags(injected, tags)
    return injected


def _earlier(parent: "Run", heading: Heading) -> tuple[list[str], list[str]]:
    """Ids of the runs that this report began, and of those with all of a result taken as it is.

    What earlier attempts left running when they were killed is ended.
    """
    found = _search_nested(parent, _of_task(parent, heading))
    own = [run for run in found if run.data.tags.get(MARK_TAG) == heading.mark]
    for left in found:
        if left.info.status == "RUNNING" and left not in own[:1]:
            client().set_terminated(left.info.run_id, "KILLED")
    finished = [
        run
        for run in found
        if heading.is_taken
        and run.info.status == "FINISHED"
        and run.data.tags.get(STAGE_TAG) == heading.task
    ]
    return [str(run.info.run_id) for run in own], [str(run.info.run_id) for run in finished]


def _create_nested(parent: "Run", tags: Mapping[str, str], heading: Heading) -> str:
    client().create_run(
        parent.info.experiment_id,
        start_time=heading.started,
        tags={PARENT_TAG: str(parent.info.run_id), **tags},
        run_name=heading.task,
    )
    marked = f"{_of_task(parent, heading)} and tags.{MARK_TAG} = '{heading.mark}'"
    return _only(_search_nested(parent, marked))


def _of_task(parent: "Run", heading: Heading) -> str:
    return f"tags.`{PARENT_TAG}` = '{parent.info.run_id}' and tags.{KEY_TAG} = '{heading.key}'"


def _search_nested(parent: "Run", run_filter: str) -> list["Run"]:
    """Runs of the parent's experiment, the oldest first."""
    order = ["attributes.start_time ASC"]
    return list(client().search_runs([parent.info.experiment_id], run_filter, order_by=order))


def _revive(parent: "Run") -> None:
    """Take back that the parent was killed, for whoever thought so while all its pods waited."""
    if parent.info.status == "KILLED":
        client().update_run(str(parent.info.run_id), status="RUNNING")
