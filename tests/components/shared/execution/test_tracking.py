"""MLflow's runs on a real server."""

import socket
import uuid
from pathlib import Path

import pytest
from support.fault_proxy import Fault, faults_before
from support.mlflow_runs import status

from components.shared.execution import reports, tracking


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


def test_a_run_taken_up_again_keeps_its_parent(server: str) -> None:
    first = tracking.open_parent("devise", "run", {})
    tracking.close_parent("FAILED")
    assert tracking.open_parent("devise", "run", {}) == first
    assert status(first) == "RUNNING"


def test_a_process_searches_for_a_parent_once(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = tracking.open_parent("devise", "run", {})
    assert tracking.find_parent() == first
    monkeypatch.setattr(tracking, "runs_where", lambda _: pytest.fail("it is searched again"))
    tracking.close_parent("FAILED")
    assert status(first) == "FAILED"
    assert tracking.open_nested(heading("evaluate", "key")).parent_id == first


def test_a_value_too_long_for_mlflow_is_cut(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    assert parent is not None
    tracking.log_parameters(parent, {"pipeline.images_unseen": ["n00000000"] * 2000})
    value = tracking.client().get_run(parent).data.params["pipeline.images_unseen"]
    assert value.endswith("long)")


def test_more_figures_than_a_request_takes_arrive_with_their_tags(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    assert parent is not None
    figures = {f"figure_{number}": float(number) for number in range(tracking.BATCH + 200)}
    tracking.log(parent, tracking.measured(figures, None), {"rate": "0.1"}, {"place": "here"})
    found = tracking.client().get_run(parent).data
    assert found.metrics == figures
    assert found.params["rate"] == "0.1"
    assert found.tags["place"] == "here"


def test_a_stage_must_know_its_pipeline_run(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KFP_RUN_ID")
    with pytest.raises(ValueError, match="KFP_RUN_ID is not set"):
        tracking.open_parent("devise", "run", {})


def heading(task: str, key: str) -> reports.Heading:
    """Of a report that is begun now."""
    return reports.read(reports.begin(task, key, tracking.pipeline_run_id()))[0]


def test_a_report_has_one_run_however_often_it_is_begun(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    one = heading("evaluate", "key-1")
    first = tracking.open_nested(one)
    assert first.parent_id == parent
    assert tracking.open_nested(one) == first
    second = tracking.open_nested(heading("evaluate", "key-1"))
    assert second.run_id != first.run_id
    assert (status(first.run_id), status(second.run_id)) == ("KILLED", "RUNNING")


def test_a_lost_answer_makes_no_second_parent(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = f"lost-{uuid.uuid4().hex}"
    with faults_before(server, Fault("lost", "POST .*/runs/create", times=1)) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        parent = tracking.open_parent(experiment, "run", {})
        assert proxy.done == ["lost"]
        found = tracking.client().get_experiment_by_name(experiment)
        assert found is not None
        (run,) = tracking.client().search_runs([found.experiment_id])
        assert run.info.run_id == parent


def test_an_experiment_whose_making_was_not_answered_is_there(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults_before(server, Fault("lost", "/experiments/create", times=1)) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        assert tracking.open_parent(f"lost-{uuid.uuid4().hex}", "run", {})
        assert proxy.done == ["lost"]


def test_a_run_of_this_machine_says_where_it_is_at_work(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    parent = tracking.open_parent("devise", "run", {})
    assert parent is not None
    tags = tracking.client().get_run(parent).data.tags
    assert (tags["host"], tags["folder"]) == (socket.gethostname(), str(tmp_path))
    tracking.close_parent("FINISHED")


def test_the_same_logged_again_changes_nothing(server: str) -> None:
    parent = tracking.open_parent("devise", "run", {})
    assert parent is not None
    measured = tracking.measured({"loss": 1.0}, 3)
    for _ in range(2):
        tracking.log(parent, measured, {"a": "b"}, {"c": "d"})
    (metric,) = tracking.client().get_metric_history(parent, "loss")
    assert (metric.value, metric.step) == (1.0, 3)
    tracking.close_parent("FINISHED")
