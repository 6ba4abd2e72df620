"""Ends the MLflow runs of pipeline runs that are over and could not say so themselves."""

from components.open_run.workflows import over
from components.shared.execution import tracking
from components.shared.execution.liveness import is_lost
from components.shared.execution.progress import say


def end_lost_runs(beside: str) -> None:
    """End as KILLED what is RUNNING in an experiment although its pipeline run is over.

    It is over where the cluster says so, as of one that a person terminated, or where there was no
    sign of life for two hours. Parents and stages' runs of this pipeline alone: they carry a
    `kfp_run_id`. A run that waits that long for its pods is taken up again by its next stage.

    Args:
        beside: Id of a run of that experiment.
    """
    experiment = tracking.client().get_run(beside).info.experiment_id
    running = f"tags.{tracking.RUN_TAG} != '' and attributes.status = 'RUNNING'"
    runs = tracking.client().search_runs([experiment], running)
    ended = over({run.data.tags[tracking.RUN_TAG] for run in runs})
    lost = [run for run in runs if run.data.tags[tracking.RUN_TAG] in ended or is_lost(run)]
    for run in lost:
        tracking.client().set_terminated(run.info.run_id, "KILLED")
    if lost:
        say(f"open_run: ended {len(lost)} MLflow runs of pipeline runs that are over")
