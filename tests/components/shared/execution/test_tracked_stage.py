"""A stage's MLflow run against a real server, in its three modes, and with one that is away."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.fault_proxy import Fault, FaultProxy, faults_before
from support.mlflow_runs import has_all, status

from components.shared.execution import mlflow_client, reports, sending, tracked_stage, tracking
from components.shared.execution.liveness import SEEN_TAG
from components.shared.execution.sending import send_left
from components.shared.execution.tracked_stage import Tracker, tracked


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a run on this machine."""
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def proxy(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """What stands between a run on this machine and the server; nobody waits long for it."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setattr(mlflow_client, "CHECK_SECONDS", 0.3)
    monkeypatch.setattr(sending, "FIRST_WAIT", 0.02)
    with faults_before(server) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        yield proxy


def has_sent(tracker: Tracker) -> bool:
    """Whether the server gets all that was said so far."""
    assert tracker.sender is not None
    deadline = time.monotonic() + 60
    while not (done := has_all(tracker.sender.delivery)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return done


def send_what_is_left() -> None:
    """Once those have let go of it that could not."""
    deadline = time.monotonic() + 60
    while reports.left() and time.monotonic() < deadline:
        send_left()
        time.sleep(0.02)
    assert reports.left() == []


def begun(tracker: Tracker) -> str | None:
    """The stage's run, once the server has it."""
    assert has_sent(tracker)
    return tracker.run_id


def injected(monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    """Runs as KFP's own plugin makes them: their experiment, the pipeline run's, this task's."""
    client = tracking.client()
    experiment = client.create_experiment(f"injected-{uuid.uuid4().hex}")
    root = client.create_run(experiment).info.run_id
    task = client.create_run(experiment, tags={tracking.PARENT_TAG: root}).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", task)
    return experiment, root, task


def test_without_a_server_nothing_is_tracked_and_nothing_fails() -> None:
    assert tracking.open_parent("devise", "run", {}) is None
    with tracked("map_synsets", "key-1") as tracker:
        tracker.parameters({"dim": 3})
        tracker.metrics({"loss": 1.0}, 0)
        tracker.headline({"hit": 1.0})
    tracking.close_parent("FINISHED")


def test_stages_report_to_nested_runs_of_the_one_parent(server: str) -> None:
    parent = tracking.open_parent("devise", "my run", {"git_commit": "abc"})
    with tracked("map_synsets", "key-1") as tracker:
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


def test_a_failing_stage_marks_its_run_and_the_parent_failed(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    with (
        pytest.raises(ValueError, match="broken"),
        tracked("evaluate", "key-1") as tracker,
    ):
        raise ValueError("broken")
    assert status(tracker.run_id) == "FAILED"
    assert status(parent) == "FAILED"


def test_a_stage_without_a_parent_run_says_what_is_missing_and_goes_on(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        pytest.raises(ValueError, match="open_run must come first"),
        tracked("evaluate", "key-1") as tracker,
    ):
        tracker.require()
    assert "open_run must come first" in capsys.readouterr().out


def test_injected_runs_are_used_and_headlines_go_to_their_root(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tracking.client()
    experiment, root, task = injected(monkeypatch)
    with tracked("train_devise-devise", "key-1") as tracker:
        tracker.metrics({"loss": 1.0})
        tracker.headline({"devise/seen/flat_hit_at_1": 0.25})
    assert tracker.run_id == task
    assert client.get_run(root).data.metrics == {"devise/seen/flat_hit_at_1": 0.25}
    assert client.get_run(task).data.metrics == {"loss": 1.0}
    assert len(client.search_runs([experiment])) == 2


def test_what_a_killed_attempt_left_running_is_ended_by_the_next_and_no_other(server: str) -> None:
    tracking.open_parent("devise", "run", {})
    attempts = [tracked("train_devise-devise", f"key-{n}") for n in (1, 2)]
    killed, other = (begun(attempt.__enter__()) for attempt in attempts)
    with tracked("train_devise-devise", "key-1") as tracker:
        assert has_sent(tracker)
        assert status(killed) == "KILLED"
        assert status(other) == "RUNNING"
    assert status(tracker.run_id) == "FINISHED"


def test_a_result_that_this_pipeline_run_has_already_keeps_its_run_as_it_is(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    with tracked("evaluate", "key-1") as first:
        first.metrics({"loss": 1.0})
    before = tracking.client().get_run(str(first.run_id))
    with tracked("evaluate", "key-1", is_taken=True) as again:
        again.metrics({"loss": 1.0})
        again.tags({tracking.REUSED_TAG: "true"})
        again.headline({"devise/seen/flat_hit_at_1": 0.25})
    assert again.run_id == first.run_id
    after = tracking.client().get_run(str(first.run_id))
    assert after.to_dictionary() == before.to_dictionary()
    assert len(tracking.client().get_metric_history(str(first.run_id), "loss")) == 1
    found = tracking.client().get_run(str(parent))
    assert found.data.metrics == {"devise/seen/flat_hit_at_1": 0.25}


@pytest.mark.parametrize(
    ("task", "key", "is_taken"),
    [
        ("map_synsets-devise_l2", "key-1", True),
        ("map_synsets-devise", "key-2", True),
        ("map_synsets-devise", "key-1", False),
    ],
)
def test_another_task_or_key_and_work_done_again_have_a_run_of_their_own(
    task: str, key: str, is_taken: bool, server: str
) -> None:
    tracking.open_parent("devise", "run", {})
    with tracked("map_synsets-devise", "key-1") as first:
        pass
    with tracked(task, key, is_taken=is_taken) as second:
        second.metrics({"loss": 1.0})
    assert second.run_id != first.run_id
    assert tracking.client().get_run(str(second.run_id)).data.metrics == {"loss": 1.0}
    assert (status(first.run_id), status(second.run_id)) == ("FINISHED", "FINISHED")


def test_a_result_taken_from_another_pipeline_run_is_shown_in_this_one(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking.open_parent("devise", "run", {})
    with tracked("evaluate", "key-1") as first:
        pass
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    parent = tracking.open_parent("devise", "another run", {})
    with tracked("evaluate", "key-1", is_taken=True) as second:
        second.tags({tracking.REUSED_TAG: "true"})
    assert second.run_id != first.run_id
    tags = tracking.client().get_run(str(second.run_id)).data.tags
    assert (tags[tracking.PARENT_TAG], tags[tracking.REUSED_TAG]) == (parent, "true")


def test_a_stage_and_the_parent_say_when_they_were_last_seen(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[Callable[[], None]] = []

    @contextmanager
    def by_hand(beat: Callable[[], None]) -> Iterator[None]:
        beats.append(beat)
        yield

    monkeypatch.setattr(tracked_stage, "beating", by_hand)
    parent = tracking.open_parent("devise", "run", {})
    with tracked("evaluate", "key-1") as tracker:
        first = seen(begun(tracker))
        assert seen(parent) == first
        deadline = time.monotonic() + 20
        while seen(parent) == first and time.monotonic() < deadline:
            time.sleep(0.1)
            beats[0]()
            assert has_sent(tracker)
        assert seen(parent) > first
        assert seen(tracker.run_id) > first


def seen(run_id: str | None) -> str:
    assert run_id is not None
    return str(tracking.client().get_run(run_id).data.tags[SEEN_TAG])


def test_a_parent_that_was_thought_dead_is_taken_up_by_the_next_stage_but_not_a_failed_one(
    server: str,
) -> None:
    parent = tracking.open_parent("devise", "run", {})
    for closed, taken_up in (("KILLED", "RUNNING"), ("FAILED", "FAILED")):
        tracking.close_parent(closed)
        with tracked("evaluate", "key-1") as tracker:
            assert has_sent(tracker)
            assert status(parent) == taken_up


def test_an_injected_run_of_a_task_tried_again_runs_again_and_ends_well(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, task = injected(monkeypatch)
    tracking.client().set_terminated(task, "FAILED")
    with tracked("evaluate", "key-1") as tracker:
        assert has_sent(tracker)
        assert status(task) == "RUNNING"
    assert status(task) == "FINISHED"


def test_a_server_that_goes_away_costs_a_stage_nothing_and_is_told_later(
    proxy: FaultProxy, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parent = tracking.open_parent("devise", "run", {})
    proxy.faults[:] = [Fault("reset")]
    for number in (1, 2):
        with tracked("pretrain_visual", f"key-{number}") as tracker:
            for epoch in range(3):
                tracker.metrics({"loss": 1.0 / (epoch + 1)}, epoch)
            assert tracker.run_id is None
    assert capsys.readouterr().out.count("is kept and sent later") == 1
    assert len(reports.left()) == 2
    proxy.faults.clear()
    send_what_is_left()
    assert parent is not None
    experiment = tracking.client().get_run(parent).info.experiment_id
    nested = f"tags.`{tracking.PARENT_TAG}` = '{parent}'"
    found = tracking.client().search_runs([experiment], nested)
    assert [run.info.status for run in found] == ["FINISHED"] * 2
    history = tracking.client().get_metric_history(found[0].info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 1.0), (1, 0.5), (2, 1 / 3)]


def test_a_server_that_is_away_hides_no_error_of_the_stage(proxy: FaultProxy) -> None:
    parent = tracking.open_parent("devise", "run", {})
    proxy.faults[:] = [Fault("500")]
    with pytest.raises(KeyError, match="of the stage"), tracked("evaluate", "key-1"):
        raise KeyError("of the stage")
    proxy.faults.clear()
    send_what_is_left()
    assert status(parent) == "FAILED"


def test_a_server_that_never_answers_does_not_hold_a_stage_up(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ON_DISK_SECONDS", "RUN_ID_SECONDS"):
        monkeypatch.setattr(sending, name, 0.1)
    proxy.faults[:] = [Fault("silent")]
    with tracked("evaluate", "key-1") as tracker:
        tracker.metrics({"loss": 1.0}, 0)
        assert tracker.run_id is None
    assert len(reports.left()) == 1


def test_what_a_network_does_to_calls_changes_nothing_of_what_is_told(proxy: FaultProxy) -> None:
    parent = tracking.open_parent("devise", "run", {})
    proxy.faults[:] = [Fault(kind, rate=0.1) for kind in ("503", "reset", "lost", "cut")]
    with tracked("pretrain_visual", "key-1") as tracker:
        for epoch in range(20):
            tracker.metrics({"loss": float(epoch)}, epoch)
            tracker.headline({"hit": float(epoch)})
        run_id = begun(tracker)
    proxy.faults.clear()
    send_what_is_left()
    assert run_id is not None
    assert proxy.done
    history = tracking.client().get_metric_history(run_id, "loss")
    assert [metric.value for metric in history] == [float(epoch) for epoch in range(20)]
    assert (status(run_id), status(parent)) == ("FINISHED", "RUNNING")


def test_a_stage_that_cannot_do_without_the_server_says_what_is_wrong(proxy: FaultProxy) -> None:
    tracking.open_parent("devise", "run", {})
    proxy.faults[:] = [Fault("reset")]
    with (
        pytest.raises(ValueError, match=f"^MLflow at {proxy.url}: it breaks off: start it"),
        tracked("register_model", "key-1") as tracker,
    ):
        tracker.require()
    proxy.faults.clear()
    send_what_is_left()
    with tracked("register_model", "key-1") as tracker:
        assert status(tracker.require()) == "RUNNING"


def test_what_a_killed_stage_left_unsent_is_sent_and_ended(server: str, folder: Path) -> None:
    tracking.open_parent("devise", "run", {})
    path = reports.begin("pretrain_visual", "key-1", tracking.pipeline_run_id())
    reports.add(path, {"run": {"metrics": tracking.measured({"loss": 1.0}, 0)}})
    heading, _ = reports.read(path)
    run_id = tracking.open_nested(heading).run_id
    send_left()
    assert status(run_id) == "KILLED"
    assert tracking.client().get_run(run_id).data.metrics == {"loss": 1.0}


def test_a_kill_while_a_result_was_taken_as_it_is_leaves_its_run_finished(
    server: str, folder: Path
) -> None:
    tracking.open_parent("devise", "run", {})
    with tracked("evaluate", "key-1") as first:
        pass
    reports.begin("evaluate", "key-1", tracking.pipeline_run_id(), is_taken=True)
    send_left()
    assert reports.left() == []
    assert status(first.run_id) == "FINISHED"


def test_a_stage_that_a_signal_ends_is_killed_and_so_is_the_run(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    with pytest.raises(SystemExit), tracked("evaluate", "key-1") as tracker:
        raise SystemExit(143)
    assert (status(tracker.run_id), status(parent)) == ("KILLED", "KILLED")
