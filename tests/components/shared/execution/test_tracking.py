"""Tracking against a real MLflow server, in its three modes."""

import time
import uuid
from operator import gt

import pytest

from components.shared.execution import tracking
from components.shared.execution.liveness import SEEN_TAG, beating


@pytest.fixture
def server(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    return mlflow_server


def status(run_id: str | None) -> str:
    assert run_id is not None
    return str(tracking.client().get_run(run_id).info.status)


def test_without_a_server_nothing_is_tracked_and_nothing_fails() -> None:
    assert tracking.open_parent("devise", "run", {}) is None
    with tracking.tracked("map_synsets", "key-1") as tracker:
        tracker.parameters({"dim": 3})
        tracker.metrics({"loss": 1.0}, 0)
        tracker.headline({"hit": 1.0})
    tracking.close_parent("FINISHED")


def test_stages_report_to_nested_runs_of_the_one_parent(server: str) -> None:
    parent = tracking.open_parent("devise", "my run", {"git_commit": "abc"})
    with tracking.tracked("map_synsets", "key-1") as tracker:
        tracker.parameters({"map_synsets.minimum_count": 5})
        tracker.metrics({"loss": 2.0}, 0)
        tracker.metrics({"loss": 1.0}, 1)
        tracker.headline({"devise/unseen_plus_seen/flat_hit_at_5": 0.5})
    assert tracker.run_id is not None
    assert parent is not None
    nested = tracking.client().get_run(tracker.run_id)
    assert nested.data.tags[tracking.PARENT_TAG] == parent
    assert nested.data.params == {"map_synsets.minimum_count": "5"}
    assert [m.value for m in tracking.client().get_metric_history(tracker.run_id, "loss")] == [2, 1]
    found = tracking.client().get_run(parent)
    assert found.data.metrics == {"devise/unseen_plus_seen/flat_hit_at_5": 0.5}
    assert found.data.tags["git_commit"] == "abc"
    assert status(tracker.run_id) == "FINISHED"
    assert status(parent) == "RUNNING"
    tracking.close_parent("FINISHED")
    assert status(parent) == "FINISHED"


def test_an_experiment_that_another_run_makes_at_the_same_time_is_shared(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"first-{uuid.uuid4().hex}"
    made = tracking.client().create_experiment(name)
    find, answers = tracking._find_experiment, iter([None])
    # It was not there yet when it was looked for.
    monkeypatch.setattr(tracking, "_find_experiment", lambda n: next(answers, find(n)))
    run_id = tracking.open_parent(name, "run", {})
    assert run_id is not None
    assert tracking.client().get_run(run_id).info.experiment_id == made


def test_a_failing_stage_marks_its_run_and_the_parent_failed(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    with (
        pytest.raises(ValueError, match="broken"),
        tracking.tracked("evaluate", "key-1") as tracker,
    ):
        raise ValueError("broken")
    assert status(tracker.run_id) == "FAILED"
    assert status(parent) == "FAILED"


def test_a_run_taken_up_again_keeps_its_parent(server: str) -> None:
    first = tracking.open_parent("devise", "run", {})
    tracking.close_parent("FAILED")
    assert tracking.open_parent("devise", "run", {}) == first
    assert status(first) == "RUNNING"


def test_a_stage_without_a_parent_run_says_what_is_missing(server: str) -> None:
    with (
        pytest.raises(ValueError, match="open_run must come first"),
        tracking.tracked("evaluate", "key-1"),
    ):
        pass


def test_injected_runs_are_used_and_headlines_go_to_their_root(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tracking.client()
    experiment = client.create_experiment(f"injected-{uuid.uuid4().hex}")
    root = client.create_run(experiment).info.run_id
    task = client.create_run(experiment, tags={tracking.PARENT_TAG: root}).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", task)
    with tracking.tracked("train_devise-devise", "key-1") as tracker:
        tracker.metrics({"loss": 1.0})
        tracker.headline({"devise/seen/flat_hit_at_1": 0.25})
    assert tracker.run_id == task
    assert client.get_run(root).data.metrics == {"devise/seen/flat_hit_at_1": 0.25}
    assert client.get_run(task).data.metrics == {"loss": 1.0}
    assert len(client.search_runs([experiment])) == 2


def test_a_value_too_long_for_mlflow_is_cut(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    assert parent is not None
    tracking.log_parameters(parent, {"pipeline.images_unseen": ["n00000000"] * 2000})
    value = tracking.client().get_run(parent).data.params["pipeline.images_unseen"]
    assert value.endswith("long)")


def test_a_stage_must_know_its_pipeline_run(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KFP_RUN_ID")
    with pytest.raises(ValueError, match="KFP_RUN_ID is not set"):
        tracking.open_parent("devise", "run", {})


def test_what_a_killed_attempt_left_running_is_ended_by_the_next_and_no_other(server: str) -> None:
    tracking.open_parent("devise", "run", {})
    attempts = [tracking.tracked("train_devise-devise", f"key-{n}") for n in (1, 2)]
    killed, other = (attempt.__enter__().run_id for attempt in attempts)
    with tracking.tracked("train_devise-devise", "key-1") as tracker:
        assert status(killed) == "KILLED"
        assert status(other) == "RUNNING"
    assert status(tracker.run_id) == "FINISHED"


def test_a_stage_and_the_parent_say_when_they_were_last_seen(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "beating", lambda beat: beating(beat, seconds=0.05))
    parent = tracking.open_parent("devise", "run", {})
    with tracking.tracked("evaluate", "key-1") as tracker:
        both = (tracker.run_id, parent)
        first = [seen(run_id) for run_id in both]
        deadline = time.monotonic() + 20
        while not all(map(gt, map(seen, both), first)) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert all(map(gt, map(seen, both), first))


def seen(run_id: str | None) -> str:
    assert run_id is not None
    return str(tracking.client().get_run(run_id).data.tags[SEEN_TAG])


def test_a_parent_that_was_thought_dead_is_taken_up_by_the_next_stage_but_not_a_failed_one(
    server: str,
) -> None:
    parent = tracking.open_parent("devise", "run", {})
    for closed, taken_up in (("KILLED", "RUNNING"), ("FAILED", "FAILED")):
        tracking.close_parent(closed)
        with tracking.tracked("evaluate", "key-1"):
            assert status(parent) == taken_up


def test_an_injected_run_of_a_task_tried_again_runs_again_and_ends_well(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tracking.client()
    experiment = client.create_experiment(f"injected-{uuid.uuid4().hex}")
    root = client.create_run(experiment).info.run_id
    task = client.create_run(experiment, tags={tracking.PARENT_TAG: root}).info.run_id
    client.set_terminated(task, "FAILED")
    monkeypatch.setenv("MLFLOW_RUN_ID", task)
    with tracking.tracked("evaluate", "key-1"):
        assert status(task) == "RUNNING"
    assert status(task) == "FINISHED"
