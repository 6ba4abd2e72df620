"""A Kubernetes to speak to, for the tests of several folders, whose conftest.py takes these in."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.kubeflow import Server, kubeconfig, serving

from components.shared.kube.api import Cluster, reach


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


@pytest.fixture
def cluster(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A Kubernetes, at the server's address."""
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(server.address, tmp_path)))
    with closing(reach()) as found:
        yield found
