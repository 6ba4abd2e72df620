"""A Kubeflow for the commands to speak to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.kubeflow import Server, serving


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    for name in ("KFP_TOKEN", "KFP_COOKIES", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    with serving() as found:
        monkeypatch.setenv("KF_PIPELINES_ENDPOINT", found.address)
        yield found
