"""What register_model leaves on the parent run, on a real MLflow server."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path

import mlflow
import pytest
from mlflow.entities import Run
from pydantic import BaseModel
from support.mlflow_runs import left_running

from components.register_model.headline import publish
from components.shared.execution import tracking
from components.shared.execution.stage_run import StageRun
from components.shared.execution.tracked_stage import tracked

METRICS = {"devise/seen/flat_hit_at_1": 0.25, "devise/unseen/flat_hit_at_1": 0.5}


class Config(BaseModel):
    """Settings that say nothing."""


@pytest.fixture
def parent(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    opened = tracking.open_parent("headlines", "run", {})
    assert opened is not None
    return opened


def evaluate() -> None:
    with tracked("evaluate", "key-1"):
        pass


def register(folder: Path) -> None:
    """The last stage, as its face runs it, with files that the stages before it left."""
    evaluation, report, registration = folder / "evaluation", folder / "report", folder / "out"
    evaluation.mkdir()
    (evaluation / "metrics.json").write_text(json.dumps(METRICS))
    (evaluation / "confidence.json").write_text("{}")
    report.write_text("<p>a page</p>")

    def work() -> Mapping[str, float]:
        registration.mkdir()
        content = {"model": "devise", "version": "2", "reason": "It is the champion now."}
        (registration / "registration.json").write_text(json.dumps(content))
        return {}

    run = StageRun("register_model", "v1", Config())
    run.execute(work, afterwards=lambda: publish(evaluation, report, registration, run))


def found(run_id: str) -> Run:
    return tracking.client().get_run(run_id)


def test_every_figure_and_the_report_are_on_the_parent_run_which_ends(
    parent: str, tmp_path: Path
) -> None:
    evaluate()
    register(tmp_path)
    assert found(parent).data.metrics == METRICS
    assert found(parent).info.status == "FINISHED"
    files = {file.path for file in tracking.client().list_artifacts(parent)}
    assert files == {"report.html", "metrics.json", "confidence.json"}
    page = mlflow.artifacts.download_artifacts(run_id=parent, artifact_path="report.html")
    assert Path(page).read_text() == "<p>a page</p>"


def test_the_parent_run_says_what_became_of_the_model(parent: str, tmp_path: Path) -> None:
    register(tmp_path)
    tags = found(parent).data.tags
    assert tags["registration"] == "devise version 2. It is the champion now."


def test_a_run_that_evaluated_is_not_marked_as_cached(parent: str, tmp_path: Path) -> None:
    evaluate()
    register(tmp_path)
    assert found(parent).data.tags["cached"] == "false"


def test_a_run_whose_evaluation_came_from_the_cache_has_its_figures_and_is_marked(
    parent: str, tmp_path: Path
) -> None:
    register(tmp_path)
    assert found(parent).data.metrics == METRICS
    assert found(parent).data.tags["cached"] == "true"


def test_what_a_killed_stage_left_running_ends_with_the_parent(parent: str, tmp_path: Path) -> None:
    killed = left_running("train_devise-devise", "key-1")
    assert killed is not None
    register(tmp_path)
    assert found(killed).info.status == "KILLED"
    nested = tracking.runs_where(f"{tracking.of_this_pipeline_run()} and tags.stage LIKE 'reg%'")
    assert [run.info.status for run in nested] == ["FINISHED"]


def test_without_a_server_nothing_is_sent_and_nothing_fails(tmp_path: Path) -> None:
    register(tmp_path)
    assert (tmp_path / "out" / "registration.json").is_file()
