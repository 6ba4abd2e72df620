"""The cluster's API, at a real HTTP server, or nowhere."""

import threading
from pathlib import Path

import pytest
import urllib3
from support.kubeflow import Handler, Server, kubeconfig
from support.ports import free_port

from components.shared.kube.api import Cluster, Unreadable, reach


def test_what_is_asked_for_comes_as_json(server: Server, cluster: Cluster) -> None:
    server.answers["GET /api/v1/nodes"] = {"items": [{"metadata": {"name": "n1"}}]}
    assert cluster.items("/api/v1/nodes", labelSelector="a=b") == [{"metadata": {"name": "n1"}}]
    assert server.queries("GET /api/v1/nodes") == ["labelSelector=a=b"]
    assert server.requests[-1][2]["authorization"] == "Bearer t"


def test_its_connections_end_when_it_is_closed(
    server: Server, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(Handler, "protocol_version", "HTTP/1.1")
    monkeypatch.setattr(Handler, "finish", lambda _handler: ended.set())
    server.answers["GET /log"] = "one\n"
    cluster.text("/log")
    cluster.text("/log")
    assert not ended.is_set()
    cluster.close()
    assert ended.wait(10)


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


def test_an_object_is_made_and_removed_with_all_that_came_of_it(
    server: Server, cluster: Cluster
) -> None:
    server.answers |= {"POST /jobs": (201, {}), "DELETE /jobs/one": {}}
    cluster.create("/jobs", {"metadata": {"name": "one"}})
    cluster.delete("/jobs/one")
    assert server.sent("POST /jobs") == [{"metadata": {"name": "one"}}]
    assert server.queries("DELETE /jobs/one") == ["propagationPolicy=Background"]


def test_a_refusal_has_its_number_and_the_cluster_s_own_words(
    server: Server, cluster: Cluster
) -> None:
    server.answers["POST /jobs"] = (422, {"kind": "Status", "message": "no such runtime"})
    with pytest.raises(Unreadable) as refused:
        cluster.create("/jobs", {"metadata": {}})
    assert (refused.value.status, refused.value.said) == (422, "no such runtime")


def test_who_wants_to_asks_again(server: Server, cluster: Cluster) -> None:
    server.answers["GET /slow"] = (503, {})
    retries = urllib3.Retry(2, status_forcelist=(503,), raise_on_status=False)
    with pytest.raises(Unreadable, match="503"):
        reach(retries).get("/slow")
    assert len(server.queries("GET /slow")) == 3
