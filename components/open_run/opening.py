"""Resolves and checks a run before any work, and opens the MLflow run that its stages report to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from components.open_run.description import run_sources, run_tags
from components.open_run.handing_out import Opened, hand_out
from components.open_run.lost_runs import end_lost_runs
from components.open_run.naming import told_apart
from components.open_run.sources import States, source_states
from components.shared.execution import tracking
from components.shared.execution.mlflow_client import as_sentences, check_server
from components.shared.execution.pipeline_runs import end_stages, is_taken
from components.shared.execution.pod import check_pod
from components.shared.execution.progress import say
from components.shared.execution.sending import send_left
from components.shared.settings.parameter import Value
from components.shared.settings.preflight import check_before_start
from components.shared.settings.presets import resolve
from components.shared.storage import store
from components.shared.storage.atomic import write_json

PARAMETERS_FILE = "parameters.json"


def open_pipeline_run(
    preset: str,
    settings: Mapping[str, Any],
    fields: Mapping[str, Any],
    output: Path,
    gpus: int = 0,
    visual_gpus: int = 0,
) -> Opened:
    """Check everything, open the parent run, write the resolved values and hand them out.

    Args:
        preset: Name of the preset that the run starts from.
        settings: Settings over the preset's, by public name.
        fields: Values of the pipeline's own fields, by public name.
        output: Folder to write parameters.json to.
        gpus: What a task that trains a model's whole network asks for.
        visual_gpus: What a task that trains the visual network asks for.

    Raises:
        ValueError: A setting or an input is wrong, the image holds other code than was compiled, or
            the MLflow server is away or refuses.
    """
    check_pod("open_run")
    values = resolve(preset, settings, fields)
    check_before_start(values)
    _check_places(values)
    check_server(str(values["mlflow_experiment"]))
    states = source_states(values)
    with as_sentences():
        _open_tracking(preset, values, states)
    write_json(output / PARAMETERS_FILE, store.without_secrets(values), sort_keys=True)
    return hand_out(values, states, gpus, visual_gpus)


def _open_tracking(preset: str, values: Mapping[str, Value], states: Mapping[str, States]) -> None:
    experiment, name = str(values["mlflow_experiment"]), _run_name(preset, values)
    run_id = tracking.open_parent(experiment, name, run_tags(preset, values))
    if run_id:
        send_left()
        # Every stage waits for this one: what still runs below a parent taken up was killed.
        end_stages()
        end_lost_runs(run_id)
        shown = store.without_secrets(values)
        tracking.log_parameters(run_id, {f"pipeline.{name}": v for name, v in shown.items()})
        tracking.log_sources(run_id, run_sources(states))
    say(f"open_run: {'MLflow run ' + run_id if run_id else 'no MLflow server is set'}")


def _run_name(preset: str, values: Mapping[str, Value]) -> str:
    name = str(values["run_name"])
    taken = is_taken(str(values["mlflow_experiment"]), name)
    return told_apart(name, preset, taken, datetime.now(UTC))


def _check_places(values: Mapping[str, Value]) -> None:
    for name in ("checkpoints_uri", "images_store_uri"):
        if not values[name]:
            raise ValueError(
                f"{name} is empty: on a cluster give an s3:// address that outlives pods."
            )
