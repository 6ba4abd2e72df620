"""What is known of the run around a stage and does not change its result: for reports alone."""

import os
from datetime import UTC, datetime
from typing import Any

from components.shared.execution import pipeline_runs
from components.shared.execution.mlflow_client import as_sentences, impatient
from components.shared.execution.progress import say
from components.shared.execution.run_folder import run_folder
from components.shared.machine import machine_facts

COMMAND = "DEVISE_COMMAND"
"""The variable that carries the command which a person gave, where one machine runs it all."""

RUN_FACTS = ("run_name", "date", "command", "git_commit", "kfp_run_id", "machine")
"""The names of these facts."""


def facts_around(is_tracked: bool) -> dict[str, Any]:
    """Return the facts of `RUN_FACTS`, None where one is not known.

    Args:
        is_tracked: Whether an MLflow server is there, which knows what the pipeline run is called.
    """
    return {
        "run_name": _run_name(is_tracked),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "command": os.environ.get(COMMAND) or None,
        "git_commit": os.environ.get("DEVISE_GIT_COMMIT") or None,
        "kfp_run_id": os.environ.get("KFP_RUN_ID") or None,
        "machine": machine_facts(),
    }


def _run_name(is_tracked: bool) -> str | None:
    """Return the name of the run's folder; on a cluster what MLflow calls the pipeline run."""
    folder = run_folder()
    if folder is not None:
        return folder.name
    return _name_in_mlflow() if is_tracked else None


def _name_in_mlflow() -> str | None:
    """Return the name; None, and say why, where the server is away: a report can do without."""
    try:
        with impatient(), as_sentences():
            return pipeline_runs.name_of_this()
    except ValueError as error:
        say(f"the report will not have the run's name: {error}")
        return None
