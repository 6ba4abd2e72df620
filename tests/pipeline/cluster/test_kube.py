"""The cluster's API, at a real HTTP server, or nowhere."""

from pathlib import Path

import pytest
from conftest import free_port
from support.kubeflow import Server, kubeconfig

from pipeline.cluster.kube import Cluster, Unreadable, reach


def test_what_is_asked_for_comes_as_json(server: Server, cluster: Cluster) -> None:
    server.answers["GET /api/v1/nodes"] = {"items": [{"metadata": {"name": "n1"}}]}
    assert cluster.items("/api/v1/nodes", labelSelector="a=b") == [{"metadata": {"name": "n1"}}]
    assert server.queries("GET /api/v1/nodes") == ["labelSelector=a=b"]
    assert server.requests[-1][2]["authorization"] == "Bearer t"


def test_a_log_comes_as_it_is(server: Server, cluster: Cluster) -> None:
    server.answers["GET /log"] = "one\ntwo\n"
    assert cluster.text("/log") == "one\ntwo\n"


def test_what_may_not_be_read_is_said(server: Server, cluster: Cluster) -> None:
    server.answers["GET /api/v1/nodes"] = (403, {})
    with pytest.raises(Unreadable, match="the cluster says 403 Forbidden to /api/v1/nodes"):
        cluster.items("/api/v1/nodes")


def test_a_cluster_that_does_not_answer_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(address, tmp_path)))
    with pytest.raises(Unreadable, match=f"{address} does not answer"):
        reach().get("/api/v1/nodes")


def test_without_a_kubeconfig_there_is_no_cluster() -> None:
    with pytest.raises(Unreadable, match="there is no kubeconfig here"):
        reach()
