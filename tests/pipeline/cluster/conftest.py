"""The pipeline as it is compiled, and a Kubeflow and a Kubernetes to speak to."""

from pathlib import Path

import pytest
from support.compiled import Compiled
from support.kubeflow import Server
from support.kubernetes_fixtures import cluster, server

from pipeline.cluster.compilation import read_pipeline, write_pipeline
from pipeline.cluster.connection import Kubeflow, connect
from pipeline.cluster.resources import Cluster
from pipeline.cluster.sizes import SIZES, STAGES, with_gpus
from pipeline.form import default_values

__all__ = ["cluster", "server"]


def compile_for(cluster: Cluster, folder: Path) -> Compiled:
    file = folder / "pipeline.yaml"
    write_pipeline(default_values("paper"), cluster, file)
    specification, platform = read_pipeline(file)
    return specification, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The pipeline, and what each task asks of Kubernetes."""
    cluster = Cluster(registry="registry.example/team", tag="1.0")
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The same for a small cluster, with nothing taken from the cache."""
    cluster = Cluster(registry="registry.example/team", resources=SIZES["small"], uncached=STAGES)
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The same for a cluster of which everything is said that can be."""
    cluster = Cluster(
        mlflow_secret="mlflow-login",
        resources=with_gpus(SIZES["gpu"], 2),
        gpu_node_label=("pool", "gpu"),
        parallel=3,
        image_pull_secret="mine",
        scratch_class="fast",
        uncached=["train_devise"],
    )
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="session")
def modest(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The same without GPUs, on nodes with large disks of their own."""
    cluster = Cluster(resources=with_gpus(SIZES["paper"], 0), scratch_class="node")
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(autouse=True)
def no_cluster_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KFP_TOKEN", "KFP_COOKIES", "KF_PIPELINES_ENDPOINT", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))


@pytest.fixture
def kubeflow(server: Server) -> Kubeflow:
    """A Kubeflow of a single user."""
    return connect(server.address, "vision")


@pytest.fixture
def profile(server: Server) -> Kubeflow:
    """A Kubeflow with profiles, one of which is ours."""
    server.answers["GET /apis/v2beta1/healthz"] = {"multi_user": True}
    return connect(server.address, "vision")
