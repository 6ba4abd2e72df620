"""A Kubeflow and a Kubernetes to speak to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kubeflow import Server, kubeconfig, serving

from pipeline.cluster.connection import Kubeflow, connect
from pipeline.cluster.kube import Cluster, reach


@pytest.fixture(autouse=True)
def no_cluster_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KFP_TOKEN", "KFP_COOKIES", "KF_PIPELINES_ENDPOINT", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def kubeflow(server: Server) -> Kubeflow:
    """A Kubeflow of a single user."""
    return connect(server.address, "vision")


@pytest.fixture
def profile(server: Server) -> Kubeflow:
    """A Kubeflow with profiles, one of which is ours."""
    server.answers["GET /apis/v2beta1/healthz"] = {"multi_user": True}
    return connect(server.address, "vision")


@pytest.fixture
def cluster(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A Kubernetes, at the same address."""
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(server.address, tmp_path)))
    return reach()
