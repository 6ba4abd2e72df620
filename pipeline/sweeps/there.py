"""A sweep on a cluster: a run of the pipeline a trial, so many at a time.

Not one run with a ParallelFor over trials: open_run opens the one MLflow run of a pipeline run, a
trial that fails would end the others, and a workflow of all trials' tasks outgrows what Kubernetes
keeps of one. Equal stages of trials come out of Kubeflow's cache all the same.
"""

import dataclasses
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.shared.settings.presets import arguments_of
from pipeline.cluster.client import named, quietly, upload
from pipeline.cluster.connection import Kubeflow, Unreachable
from pipeline.cluster.following import EVERY, PATIENCE
from pipeline.cluster.tasks import ENDED, SUCCEEDED
from pipeline.sweeps.file import Sweep
from pipeline.sweeps.trial import FAILED, FINISHED, RUNNING, Trial, begun, keep, run_name

PIPELINE = "sweep-of-devise"
"""Name of the pipeline that trials are runs of: it ends where the objective is known.

No schedule's, which all begin with `devise-`.
"""

Version = tuple[str, str, str]
"""Ids of the pipeline, of its version and of the experiment that runs are of."""


@dataclass(frozen=True)
class Place:
    """Where trials run.

    Attributes:
        kubeflow: The connection.
        file: The compiled pipeline.
        experiment: Of Kubeflow Pipelines.
        service_account: That the pods run as; empty: the namespace's own.
        at_once: Most trials at a time.
    """

    kubeflow: Kubeflow
    file: Path
    experiment: str
    service_account: str
    at_once: int


def run_trials(
    sweep: Sweep,
    output: Path,
    place: Place,
    figure: Callable[[Trial], float | None],
    ended: Callable[[Trial], None],
    say: Callable[[str], None],
    every: float = EVERY,
) -> list[Trial]:
    """Submit every trial that has not begun yet, and wait for all.

    Args:
        sweep: The sweep.
        output: Folder that remembers which runs the trials are.
        place: Where they run.
        figure: Gives the objective of a trial that succeeded; None where nobody knows it.
        ended: Told of each that has just ended.
        say: Prints a line.
        every: Seconds between two looks.

    Returns:
        What is known of each, in their order.

    Raises:
        ValueError: Kubeflow refuses, or has not answered for a while.
    """
    trials = begun(sweep, output, place.kubeflow.host)
    versions: list[Version] = []
    failed = 0
    while any(trial.state == RUNNING for trial in trials):
        changed: list[Trial] = []
        try:
            _start_some(sweep, trials, place, versions, output, say)
            changed = _looked(trials, place, figure, sweep)
            failed = 0
        except Unreachable as error:
            failed += 1
            if failed > PATIENCE:
                raise
            say(f"{error} It is asked again.")
        for trial in changed:
            say(f"trial {trial.number}: {trial.state} {trial.error or trial.objective}")
            # Told again where it is not kept.
            ended(trial)
            trials[trial.number - 1] = keep(trial, output)
        if not changed:
            time.sleep(every)
    return trials


def _start_some(
    sweep: Sweep,
    trials: list[Trial],
    place: Place,
    versions: list[Version],
    output: Path,
    say: Callable[[str], None],
) -> None:
    """Start trials up to as many as may run at a time, or find them started.

    Each is kept with its mark before it is started: where no answer came, or nobody was there any
    more to hear it, the run is found by the mark and not started twice.
    """
    for at, trial in enumerate(trials):
        running = sum(bool(one.run_id) and one.state == RUNNING for one in trials)
        if trial.run_id or running >= place.at_once:
            continue
        run_id = _found(sweep, trial, place) if trial.mark else ""
        if not run_id:
            versions[:] = versions or [_uploaded(place)]
            mark = trial.mark or uuid.uuid4().hex[:8]
            trials[at] = keep(dataclasses.replace(trial, mark=mark), output)
            run_id = _started(sweep, trials[at], place, versions[0])
        trials[at] = keep(dataclasses.replace(trials[at], run_id=run_id), output)
        say(f"trial {trial.number}: {place.kubeflow.page(run_id)}")


def _found(sweep: Sweep, trial: Trial, place: Place) -> str:
    """Id of the run that a trial was started as; empty: it was not."""
    kubeflow = place.kubeflow
    name = _name(sweep, trial)
    runs = kubeflow.client.list_runs(filter=named(name), namespace=kubeflow.scope).runs
    return str(runs[0].run_id) if runs else ""


def _name(sweep: Sweep, trial: Trial) -> str:
    """Of a trial's run in Kubeflow."""
    return f"{run_name(sweep, trial)}-{trial.mark}"


def _uploaded(place: Place) -> Version:
    kubeflow = place.kubeflow
    with quietly():
        pipeline, version = upload(kubeflow, place.file, PIPELINE)
        made = kubeflow.client.create_experiment(place.experiment, namespace=kubeflow.scope)
    return pipeline, version, str(made.experiment_id)


def _started(sweep: Sweep, trial: Trial, place: Place, of: Version) -> str:
    pipeline, version, experiment = of
    values = {**sweep.values(trial.settings), "run_name": run_name(sweep, trial)}
    with quietly():
        run = place.kubeflow.client.run_pipeline(
            experiment,
            _name(sweep, trial),
            pipeline_id=pipeline,
            version_id=version,
            params=arguments_of(sweep.preset, values),
            service_account=place.service_account or None,
        )
    return str(run.run_id)


def _looked(
    trials: Sequence[Trial],
    place: Place,
    figure: Callable[[Trial], float | None],
    sweep: Sweep,
) -> list[Trial]:
    """The trials that have ended since the last look."""
    waited = [trial for trial in trials if trial.run_id and trial.state == RUNNING]
    states = {trial.number: place.kubeflow.client.get_run(trial.run_id).state for trial in waited}
    return [_ended(trial, states[trial.number], figure, sweep, place) for trial in waited
            if states[trial.number] in ENDED]  # fmt: skip


def _ended(
    trial: Trial, state: str, figure: Callable[[Trial], float | None], sweep: Sweep, place: Place
) -> Trial:
    found = figure(trial) if state == SUCCEEDED else None
    if found is not None:
        return dataclasses.replace(trial, state=FINISHED, objective=found)
    page = place.kubeflow.page(trial.run_id)
    why = sweep.objective.missing(["see MLflow"]) if state == SUCCEEDED else f"{state}: {page}"
    return dataclasses.replace(trial, state=FAILED, error=why)
