"""Addresses of MLflow's pages of our runs; its first page shows none of them."""

import shlex
from urllib.parse import quote

from components.shared.execution import tracking
from components.shared.execution.mlflow_address import masked, shown_address

SERVED = "http://127.0.0.1:5000"
"""Where `make mlflow` serves the database of this machine."""


def page_of_experiment(experiment: str) -> str:
    """Address of the page that shows an experiment's pipeline runs side by side.

    Args:
        experiment: Of MLflow, which has it.
    """
    found = tracking.client().get_experiment_by_name(experiment)
    assert found is not None
    only_whole = quote(f"tags.{tracking.STAGE_TAG} = '{tracking.PIPELINE}'")
    return f"{server()}/#/experiments/{found.experiment_id}/runs?searchFilter={only_whole}"


def page_of_run(pipeline_run: str) -> str | None:
    """Address of the page of a pipeline run; None where MLflow has no run of it.

    Args:
        pipeline_run: Its id.
    """
    run_id = tracking.find_parent(pipeline_run, injected="")
    if run_id is None:
        return None
    experiment = tracking.client().get_run(run_id).info.experiment_id
    return f"{server()}/#/experiments/{experiment}/runs/{run_id}"


def page_or_reason(pipeline_run: str | None, uri: str) -> str:
    """Where the page of a pipeline run is, and what to do before; or why there is none.

    Args:
        pipeline_run: Its id; None where it is not known.
        uri: Of MLflow, which answers.
    """
    page = page_of_run(pipeline_run) if pipeline_run else None
    if page:
        return f"{page}{how_to_serve(uri)}"
    return (
        f"no page, since {masked(uri)} has no run of this folder: it was recorded elsewhere, see "
        "MLFLOW_TRACKING_URI, or has been deleted there"
    )


def how_to_serve(uri: str) -> str:
    """What to do before a page can be opened; empty where a server has it."""
    if not uri.startswith(tracking.DATABASE):
        return ""
    return f"\n         (first: make mlflow, or mlflow ui --backend-store-uri {_quoted(uri)})"


def _quoted(uri: str) -> str:
    return shlex.quote(masked(uri))


def server() -> str:
    """Address that pages begin with."""
    uri = shown_address().rstrip("/")
    return SERVED if uri.startswith(tracking.DATABASE) else uri
