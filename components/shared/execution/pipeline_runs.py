"""What MLflow knows of the runs of a pipeline run, beyond the one that a stage reports to."""

from components.shared.execution.tracking import (
    PIPELINE,
    REUSED_TAG,
    STAGE_TAG,
    client,
    find_parent,
    is_tracked,
    of_this_pipeline_run,
    runs_where,
)


def end_stages(but: str | None = None) -> None:
    """End as KILLED the stages' runs of this pipeline run that were left running.

    Args:
        but: Id of a run that goes on.
    """
    left = f"tags.{STAGE_TAG} != '{PIPELINE}' and attributes.status = 'RUNNING'"
    for run in runs_where(f"{of_this_pipeline_run()} and {left}"):
        if run.info.run_id != but:
            client().set_terminated(run.info.run_id, "KILLED")


def has_worked(task: str) -> bool:
    """Whether a task did its work in this pipeline run; not where a cache had its outputs.

    KFP starts nothing for a task that it takes from its cache, so that no run of it says so; on one
    machine the task runs, finds its outputs and marks its run as reused.
    """
    found = runs_where(f"{of_this_pipeline_run()} and tags.{STAGE_TAG} = '{task}'")
    return any(run.info.status == "FINISHED" and REUSED_TAG not in run.data.tags for run in found)


def name_of_this() -> str | None:
    """What MLflow calls the pipeline run that this process belongs to; None without a run of it."""
    found = find_parent()
    return str(client().get_run(found).info.run_name) if found else None


def is_taken(experiment: str, run_name: str) -> bool:
    """Whether another pipeline run of the experiment has this name."""
    found = client().get_experiment_by_name(experiment) if is_tracked() else None
    if found is None:
        return False
    # The filter has no way to write a quotation mark; its wildcard stands for any character.
    pattern = run_name.replace("'", "_").replace('"', "_")
    named = f"tags.{STAGE_TAG} = '{PIPELINE}' and attributes.run_name LIKE '{pattern}'"
    runs = client().search_runs([found.experiment_id], named)
    return any(run.info.run_name == run_name for run in runs)
