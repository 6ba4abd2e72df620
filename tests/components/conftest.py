"""A tiny experiment; a task of Kubeflow Pipelines, in a cluster with Kubeflow Trainer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.kubeflow import kubeconfig
from support.trainer import NAMESPACE, POD, Nodes, Trainer, trainer_at_work

from components.shared.kube import api
from components.shared.nodes import following, jobs

if TYPE_CHECKING:
    from support.experiment import Experiment


@pytest.fixture(scope="session")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> "Experiment":
    """Every artifact, to be read alone."""
    # Most tests need none of what this imports.
    from support.experiment import made_experiment

    return made_experiment(tmp_path_factory)


@pytest.fixture
def at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_server: dict[str, str]
) -> Iterator[Callable[[Nodes], Trainer]]:
    """Makes the cluster that this process is a task of, of the nodes that it is given."""
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "namespace").write_text(f"{NAMESPACE}\n")
    monkeypatch.setattr(api, "ACCOUNT", tmp_path / "account")
    monkeypatch.setattr(following, "SECONDS_BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr(following, "SECONDS_FOR_OTHERS", 0.2)
    monkeypatch.setattr(following, "RETRIES", None)
    monkeypatch.setenv(jobs.POD_NAME, POD)
    monkeypatch.setenv("KFP_RUN_ID", "a1aa2253-92eb-440e-aadb-c8f01100e5ea")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with ExitStack() as stack:

        def start(nodes: Nodes) -> Trainer:
            keys = {
                "accesskey": s3_server["AWS_ACCESS_KEY_ID"],
                "secretkey": s3_server["AWS_SECRET_ACCESS_KEY"],
            }
            trainer = stack.enter_context(trainer_at_work(nodes, keys))
            monkeypatch.setenv("KUBECONFIG", str(kubeconfig(trainer.address, tmp_path)))
            return trainer

        yield start
