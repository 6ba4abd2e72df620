"""Ends the MLflow runs of pipeline runs that are over and could not say so themselves."""

import socket
from collections.abc import Collection
from pathlib import Path
from typing import Any

from components.open_run.workflows import over
from components.shared.execution import tracking
from components.shared.execution.liveness import is_lost
from components.shared.execution.progress import say
from components.shared.execution.run_folder import is_at_work, run_folder


def end_lost_runs(beside: str) -> None:
    """End as KILLED what is RUNNING in an experiment although its pipeline run is over.

    It is over where the cluster says so, as of one that a person terminated, where nobody works in
    its folder on this machine, or where there was no sign of life for two hours. Parents and
    stages' runs of this pipeline alone: they carry a `kfp_run_id`. A run that waits that long for
    its pods is taken up again by its next stage.

    Args:
        beside: Id of a run of that experiment.
    """
    experiment = tracking.client().get_run(beside).info.experiment_id
    running = f"tags.{tracking.RUN_TAG} != '' and attributes.status = 'RUNNING'"
    found = tracking.client().search_runs([experiment], running)
    ended = over({run.data.tags[tracking.RUN_TAG] for run in found})
    lost = [run for run in found if _is_over(run, ended)]
    for run in lost:
        tracking.client().set_terminated(run.info.run_id, "KILLED")
    if lost:
        say(f"open_run: ended {len(lost)} MLflow runs of pipeline runs that are over")


def _is_over(run: Any, ended: Collection[str]) -> bool:
    return run.data.tags[tracking.RUN_TAG] in ended or is_lost(run) or is_given_up(run)


def is_given_up(run: Any) -> bool:
    """Whether a run of this machine is another's than this one, and its folder has nobody at work.

    Args:
        run: As MLflow's client returns it.
    """
    tags = run.data.tags
    folder = tags.get(tracking.FOLDER_TAG, "")
    elsewhere = not folder or tags.get(tracking.HOST_TAG) != socket.gethostname()
    if elsewhere or tags.get(tracking.RUN_TAG) == tracking.pipeline_run_id():
        return False
    # This run has its own folder to itself.
    return Path(folder) == run_folder() or not is_at_work(Path(folder))
