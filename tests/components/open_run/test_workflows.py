"""Asks a real server, over TLS, as a pod asks its cluster."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server, serving, with_certificate

from components.open_run.workflows import over

WORKFLOWS = "GET /apis/argoproj.io/v1alpha1/namespaces/vision/workflows"


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The cluster of the pod that this process seems to be."""
    with serving() as server:
        shutil.copy(with_certificate(server, tmp_path), tmp_path / "ca.crt")
        (tmp_path / "token").write_text("t\n")
        (tmp_path / "namespace").write_text("vision")
        monkeypatch.setattr("components.open_run.workflows.ACCOUNT", tmp_path)
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.server_port))
        yield server


def workflow(run_id: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"pipeline/runid": run_id}}}


def test_runs_whose_workflows_the_cluster_lists_as_completed_are_over(cluster: Server) -> None:
    cluster.answers[WORKFLOWS] = {"items": [workflow("run-2")]}
    assert over(["run-2", "run-1"]) == {"run-2"}
    asked = "labelSelector=pipeline/runid in (run-1,run-2),workflows.argoproj.io/completed=true"
    assert cluster.queries(WORKFLOWS) == [asked]
    assert cluster.requests[0][2]["Authorization"] == "Bearer t"


def test_where_no_run_is_asked_for_the_cluster_is_not_either(cluster: Server) -> None:
    assert over([]) == set()
    assert cluster.requests == []


def test_where_workflows_may_not_be_read_it_is_said_and_none_is_known_to_be_over(
    cluster: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster.answers[WORKFLOWS] = (403, {})
    assert over(["run-1"]) == set()
    assert "does not say which runs are over (HTTP Error 403" in capsys.readouterr().out


def test_outside_a_cluster_none_is_known_to_be_over() -> None:
    assert over(["run-1"]) == set()
