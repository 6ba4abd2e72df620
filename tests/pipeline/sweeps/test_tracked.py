import dataclasses
import math
import uuid
from pathlib import Path

import pytest

from components.shared.execution import tracking
from pipeline.sweeps.objective import MAXIMISE, objective_of
from pipeline.sweeps.tracked import (
    abandon_sweep,
    close_sweep,
    comparison,
    figure_of,
    nest,
    open_sweep,
)
from pipeline.sweeps.trial import FAILED, FINISHED, Trial

OBJECTIVE = objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE)


@pytest.fixture
def trial(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A trial whose pipeline run MLflow knows, with one stage."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", pipeline_run := uuid.uuid4().hex)
    parent = tracking.open_parent("sweeps", "a trial", {})
    assert parent is not None
    tags = {tracking.RUN_TAG: pipeline_run, tracking.STAGE_TAG: OBJECTIVE.task}
    experiment = tracking.experiment_id_of("sweeps")
    stage = tracking.client().create_run(experiment, tags=tags).info.run_id
    tracking.log(stage, tracking.measured({"validation_hit_at_1": 0.5}, None))
    monkeypatch.delenv("KFP_RUN_ID")
    return Trial(2, {"devise_margin": 0.2}, "", pipeline_run, FINISHED, 0.5)


def test_a_trial_lies_below_its_sweep_with_its_figure_and_its_settings(
    trial: Trial, mlflow_server: str, tmp_path: Path
) -> None:
    sweep = open_sweep(tmp_path, "sweeps", "margins", {"objective": OBJECTIVE.name})
    nest(sweep, trial, OBJECTIVE)
    run_id = tracking.find_parent(trial.run_id, injected="")
    assert run_id is not None
    run = tracking.client().get_run(run_id)
    assert run.info.status == "FINISHED"
    found = run.data
    assert found.tags[tracking.PARENT_TAG] == sweep
    assert found.metrics["objective"] == found.metrics[OBJECTIVE.name] == 0.5
    assert found.params["sweep.devise_margin"] == "0.2"
    assert figure_of(trial, OBJECTIVE) == 0.5
    assert run_id in comparison([trial], mlflow_server)
    close_sweep(sweep, trial)
    ended = tracking.client().get_run(sweep)
    assert (ended.info.status, ended.data.metrics["objective"]) == ("FINISHED", 0.5)


def test_a_sweep_started_again_has_the_same_run(trial: Trial, tmp_path: Path) -> None:
    first = open_sweep(tmp_path, "sweeps", "margins", {})
    assert open_sweep(tmp_path, "sweeps", "margins", {}) == first
    # A trial that never began has no run of its own.
    nest(first, Trial(1, {}, ""), OBJECTIVE)
    assert comparison([Trial(1, {}, "")], "") == ""


def test_a_trial_that_failed_has_a_run_that_failed_and_no_secret(
    trial: Trial, tmp_path: Path
) -> None:
    settings = {"labels_vectors_uri": "https://host/v.npz?signature=of-mine"}
    failed = dataclasses.replace(trial, state=FAILED, objective=None, settings=settings)
    sweep = open_sweep(tmp_path, "sweeps", "margins", {})
    nest(sweep, failed, OBJECTIVE)
    run_id = tracking.find_parent(trial.run_id, injected="")
    assert run_id is not None
    run = tracking.client().get_run(run_id)
    assert run.info.status == "FAILED"
    assert run.data.params["sweep.labels_vectors_uri"] == "https://host/v.npz"
    close_sweep(sweep, dataclasses.replace(failed, objective=0.5))
    assert "of-mine" not in tracking.client().get_run(sweep).data.tags["best_settings"]


def test_a_figure_that_is_no_number_is_none(trial: Trial) -> None:
    where = f"tags.{tracking.RUN_TAG} = '{trial.run_id}'"
    (stage,) = [
        run for run in tracking.runs_where(where)
        if run.data.tags[tracking.STAGE_TAG] == OBJECTIVE.task
    ]  # fmt: skip
    tracking.log(stage.info.run_id, tracking.measured({"validation_hit_at_1": math.nan}, 1))
    assert figure_of(trial, OBJECTIVE) is None


def test_a_sweep_that_was_stopped_is_killed_until_it_goes_on(trial: Trial, tmp_path: Path) -> None:
    assert trial
    sweep = open_sweep(tmp_path, "sweeps", "margins", {})
    abandon_sweep(sweep)
    assert tracking.client().get_run(sweep).info.status == "KILLED"
    assert open_sweep(tmp_path, "sweeps", "margins", {}) == sweep
    assert tracking.client().get_run(sweep).info.status == "RUNNING"
