"""A Kubernetes to speak to."""

from pathlib import Path

import pytest
from support.kubernetes_fixtures import cluster, server

__all__ = ["cluster", "no_cluster_from_outside", "server"]


@pytest.fixture(autouse=True)
def no_cluster_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
