import shutil
import uuid
from pathlib import Path

import pytest

from components.shared.execution import tracking
from pipeline.results.mlflow_pages import (
    SERVED,
    how_to_serve,
    page_of_experiment,
    page_of_run,
    page_or_reason,
)


def opened(monkeypatch: pytest.MonkeyPatch, uri: str) -> tuple[str, str, str]:
    """A pipeline run on a server: its id, MLflow's, and that of its experiment."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    monkeypatch.setenv("KFP_RUN_ID", pipeline_run := uuid.uuid4().hex)
    run_id = tracking.open_parent(f"pages-{pipeline_run}", "a run", {})
    assert run_id is not None
    return pipeline_run, run_id, tracking.client().get_run(run_id).info.experiment_id


def test_a_run_and_its_experiment_have_pages_on_the_server(
    mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline_run, run_id, experiment = opened(monkeypatch, mlflow_server)
    assert page_of_run(pipeline_run) == f"{mlflow_server}/#/experiments/{experiment}/runs/{run_id}"
    page = page_of_experiment(f"pages-{pipeline_run}")
    assert page.startswith(f"{mlflow_server}/#/experiments/{experiment}/runs?searchFilter=tags")
    assert " " not in page
    assert how_to_serve(mlflow_server) == ""


def test_of_a_run_that_mlflow_does_not_have_there_is_no_page(
    mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    assert page_of_run("unknown") is None
    for pipeline_run in ("unknown", None):
        text = page_or_reason(pipeline_run, mlflow_server)
        assert text.startswith(f"no page, since {mlflow_server} has no run of this folder")
        assert "None" not in text


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_those_of_a_database_are_where_it_is_served(
    empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(empty_database, tmp_path / "my runs.db")
    uri = f"sqlite:///{tmp_path}/my runs.db"
    pipeline_run, run_id, experiment = opened(monkeypatch, uri)
    assert page_of_run(pipeline_run) == f"{SERVED}/#/experiments/{experiment}/runs/{run_id}"
    assert f"--backend-store-uri '{uri}'" in how_to_serve(uri)
