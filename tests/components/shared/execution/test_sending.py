"""A report on its way to a real server; test_tracked_stage.py has what a stage sees of it."""

from pathlib import Path

import pytest
from support.fault_proxy import Fault, faults_before
from support.mlflow_runs import has_all

from components.shared.execution import reports, tracking
from components.shared.execution.sending import Delivery, send_left


@pytest.fixture
def report(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a stage of a run on this machine, whose parent run is there."""
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    tracking.open_parent("devise", "run", {})
    return reports.begin("evaluate", "key-1", tracking.pipeline_run_id())


def test_lines_are_sent_once_and_many_together(
    report: Path, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = Delivery(report)
    delivery.go_on()
    with faults_before(mlflow_server) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        for step in range(5):
            reports.add(report, {"run": {"metrics": tracking.measured({"loss": 1.0}, step)}})
        assert not has_all(delivery)
        delivery.go_on()
        assert has_all(delivery)
        delivery.go_on()
        assert len([call for call, _ in proxy.calls if "log-batch" in call]) == 1


def test_what_was_sent_by_half_is_sent_again(
    report: Path, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    reports.add(report, {"run": {"metrics": tracking.measured({"loss": 1.0}, 0)}})
    reports.add(report, {"end": "FINISHED"})
    with faults_before(mlflow_server, Fault("500", "runs/update", times=1)) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        send_left()
        assert proxy.done == ["500"]
    assert reports.left() == []


def test_a_report_of_a_run_that_is_gone_is_dropped_and_said(
    report: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = reports.begin("evaluate", "key-1", "no-such-run")
    send_left()
    assert reports.left() == []
    assert "dropped: MLflow has no run tagged kfp_run_id=no-such-run" in capsys.readouterr().out
    assert not gone.exists()
