"""Runs that died without a word, on a real MLflow server."""

import fcntl
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.mlflow_runs import left_running, status

from components.open_run.lost_runs import end_lost_runs
from components.shared.execution import tracking
from components.shared.execution.liveness import SEEN_TAG
from components.shared.execution.run_folder import LOCK
from components.shared.execution.tracked_stage import tracked


@pytest.fixture
def experiment(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    return f"lost-{uuid.uuid4().hex}"


def begun(experiment: str, monkeypatch: pytest.MonkeyPatch, hours_ago: float) -> tuple[str, str]:
    """A pipeline run whose stage gave its last sign of life so long ago: parent, stage's run."""
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    parent = tracking.open_parent(experiment, "run", {})
    stage = left_running("train_devise-devise", "key")
    assert parent is not None
    seen = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
    for run_id in (parent, stage):
        tracking.client().set_tag(run_id, SEEN_TAG, seen)
    return parent, stage


def statuses(*run_ids: str) -> list[str]:
    return [status(run_id) for run_id in run_ids]


def test_a_silent_run_and_its_stages_are_ended_and_one_that_works_is_not(
    experiment: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = begun(experiment, monkeypatch, hours_ago=3)
    working = begun(experiment, monkeypatch, hours_ago=1)
    own = begun(experiment, monkeypatch, hours_ago=0)
    end_lost_runs(own[0])
    assert statuses(*lost) == ["KILLED", "KILLED"]
    assert statuses(*working, *own) == ["RUNNING"] * 4
    assert "ended 2 MLflow runs" in capsys.readouterr().out


def test_a_run_that_the_cluster_calls_over_is_ended_at_once(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminated = begun(experiment, monkeypatch, hours_ago=0)
    over = {tracking.pipeline_run_id()}
    own = begun(experiment, monkeypatch, hours_ago=0)
    monkeypatch.setattr("components.open_run.lost_runs.over", over.intersection)
    end_lost_runs(own[0])
    assert statuses(*terminated, *own) == ["KILLED", "KILLED", "RUNNING", "RUNNING"]


def test_what_a_killed_stage_left_below_a_parent_that_failed_is_ended_too(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, stage = begun(experiment, monkeypatch, hours_ago=3)
    tracking.close_parent("FAILED")
    own, _ = begun(experiment, monkeypatch, hours_ago=0)
    end_lost_runs(own)
    assert statuses(parent, stage) == ["FAILED", "KILLED"]


def test_other_peoples_runs_and_other_experiments_are_left_alone(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = begun(f"{experiment}-other", monkeypatch, hours_ago=3)
    own, _ = begun(experiment, monkeypatch, hours_ago=0)
    client = tracking.client()
    other = client.create_run(
        client.get_run(own).info.experiment_id, start_time=0, tags={"stage": "pipeline"}
    )
    end_lost_runs(own)
    assert statuses(*elsewhere, other.info.run_id) == ["RUNNING"] * 3


def test_a_run_that_only_waited_is_taken_up_by_its_next_stage(
    experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent, _ = begun(experiment, monkeypatch, hours_ago=3)
    waiting = tracking.pipeline_run_id()
    own, _ = begun(experiment, monkeypatch, hours_ago=0)
    end_lost_runs(own)
    monkeypatch.setenv("KFP_RUN_ID", waiting)
    with tracked("evaluate", "key-2") as tracker:
        assert tracker.require()
        assert statuses(parent) == ["RUNNING"]
    end_lost_runs(own)
    assert statuses(parent) == ["RUNNING"]


def test_a_run_of_this_machine_is_ended_once_nobody_works_in_its_folder(
    experiment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs = {}
    for name in ("given up", "at work", "removed", "own"):
        monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / name))
        runs[name] = begun(experiment, monkeypatch, hours_ago=0)
        (tmp_path / name / LOCK).touch()
    (tmp_path / "removed" / LOCK).unlink()
    with (tmp_path / "at work" / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        end_lost_runs(runs["own"][0])
    assert statuses(*runs["given up"]) == ["KILLED"] * 2
    for name in ("at work", "removed", "own"):
        assert statuses(*runs[name]) == ["RUNNING"] * 2


def test_an_earlier_run_of_the_same_folder_is_ended(
    experiment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    earlier, own = (begun(experiment, monkeypatch, hours_ago=0) for _ in range(2))
    end_lost_runs(own[0])
    assert statuses(*earlier, *own) == ["KILLED", "KILLED", "RUNNING", "RUNNING"]
