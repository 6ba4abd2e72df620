"""Checks a run before any work, and opens the MLflow run that its stages report to."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.shared.execution import tracking
from components.shared.execution.progress import say
from components.shared.settings.preflight import check_before_start
from components.shared.storage import store
from components.shared.storage.atomic import write_json

PARAMETERS_FILE = "parameters.json"


def open_pipeline_run(values: Mapping[str, Any], output: Path) -> None:
    """Check everything, open the parent run, and write the checked parameters.

    Args:
        values: every parameter of the pipeline by name.
        output: folder to write parameters.json to.

    Raises:
        ValueError: a parameter or an input is wrong.
    """
    check_before_start(values)
    _check_addresses(values)
    shown = store.without_secrets(values)
    tags = {"git_commit": os.environ.get("DEVISE_GIT_COMMIT", "unknown")}
    run_id = tracking.open_parent(values["mlflow_experiment"], values["run_name"], tags)
    if run_id:
        tracking.log_parameters(run_id, {f"pipeline.{name}": v for name, v in shown.items()})
    say(f"open_run: {'MLflow run ' + run_id if run_id else 'no MLflow server is set'}")
    write_json(output / PARAMETERS_FILE, shown, sort_keys=True)


def _check_addresses(values: Mapping[str, Any]) -> None:
    for name in ("checkpoints_uri", "images_store_uri"):
        if not values[name]:
            raise ValueError(
                f"{name} is empty: on a cluster give an s3:// address that outlives pods."
            )
