"""Questions about the runs of a pipeline run, to a real MLflow server."""

import uuid

import pytest
from support.mlflow_runs import left_running, status

from components.shared.execution import tracking
from components.shared.execution.pipeline_runs import end_stages, has_worked, is_taken
from components.shared.execution.tracked_stage import tracked


@pytest.fixture
def parent(server: str) -> str:
    """The parent of a pipeline run that has begun."""
    opened = tracking.open_parent("devise", "run", {})
    assert opened is not None
    return opened


def test_what_was_left_running_is_ended_and_what_goes_on_is_not(parent: str) -> None:
    killed, last = left_running("train_devise-devise", "1"), left_running("register_model", "2")
    with tracked("evaluate", "3") as tracker:
        pass
    end_stages(but=last)
    assert (status(killed), status(last), status(parent)) == ("KILLED", "RUNNING", "RUNNING")
    assert tracker.run_id is not None
    assert status(tracker.run_id) == "FINISHED"


def test_another_pipeline_runs_stages_go_on(parent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    other = left_running("evaluate", "1")
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    tracking.open_parent("devise", "another run", {})
    end_stages()
    assert status(other) == "RUNNING"


def test_a_task_has_worked_where_its_run_is_finished_and_not_reused(parent: str) -> None:
    assert not has_worked("evaluate")
    with tracked("evaluate", "1") as tracker:
        assert tracker.require()
        assert not has_worked("evaluate")
        tracker.tags({tracking.REUSED_TAG: "true"})
    assert not has_worked("evaluate")
    with tracked("evaluate", "2"):
        pass
    assert has_worked("evaluate")
    assert not has_worked("draw_report")


def test_the_run_that_kfp_makes_for_a_task_taken_from_its_cache_is_no_work(
    parent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tracking.client()
    experiment = client.get_run(parent).info.experiment_id
    tags = {tracking.PARENT_TAG: parent}
    cached = client.create_run(experiment, tags=tags, run_name="evaluate")
    client.set_terminated(cached.info.run_id, "FINISHED")
    assert not has_worked("evaluate")
    injected = client.create_run(experiment, tags=tags, run_name="evaluate").info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", injected)
    with tracked("evaluate", "1") as tracker:
        assert tracker.require() == injected
    assert has_worked("evaluate")


@pytest.mark.parametrize("name", ["weekly", 'Anna\'s "weekly" 100 %'])
def test_a_name_is_taken_once_a_run_of_the_experiment_has_it(
    mlflow_server: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    experiment = f"names-{uuid.uuid4().hex}"
    assert not is_taken(experiment, name)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    assert not is_taken(experiment, name)
    tracking.open_parent(experiment, name, {})
    assert is_taken(experiment, name)
    assert not is_taken(experiment, name.replace("e", "_"))
    assert not is_taken(experiment, name + " later")
    assert not is_taken("devise", name)
