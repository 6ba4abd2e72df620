"""A cluster that the environment names: commands sent to it, and what its runs leave in MLflow."""

import json
import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.commands import printed

from components.shared.execution.tracking import PIPELINE, RUN_TAG, STAGE_TAG

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run
    from mlflow.entities.model_registry import ModelVersion

NEEDED = {
    "KF_PIPELINES_ENDPOINT": "the address of Kubeflow Pipelines",
    "MLFLOW_TRACKING_URI": "MLflow's address, as this machine calls it",
    "DEVISE_CLUSTER_DATA": "a place for data, s3://bucket/prefix",
    "DEVISE_CLUSTER_OPTIONS": "what submit is told of the cluster, such as --registry ghcr.io/team",
}
NAMESPACE = "DEVISE_CLUSTER_NAMESPACE"
CACHED = "taken from the cache"
_STATE = re.compile(r"^ *[\d:]+  (\S.*?) {2,}(.+?)(?: after [\d:]+)?$", re.MULTILINE)
_STARTED = re.compile(r"^Run (\S+) is started", re.MULTILINE)


def missing() -> str:
    """What the environment does not say, in a sentence; empty where it names a cluster."""
    absent = [f"{name} ({what})" for name, what in NEEDED.items() if not os.environ.get(name)]
    return f"no cluster is named: set {', '.join(absent)}" if absent else ""


@dataclass(frozen=True)
class ClusterRun:
    """A run that is over.

    Attributes:
        run_id: Kubeflow's.
        states: Of its stages, by name; those of a loop are numbered.
        row: Its MLflow run.
    """

    run_id: str
    states: Mapping[str, str]
    row: "Run"

    @property
    def figures(self) -> dict[str, float]:
        """All metrics of its MLflow run."""
        return dict(self.row.data.metrics)

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.row.data.tags)

    @property
    def worked(self) -> set[str]:
        """Stages that did their work in it, without numbers."""
        return _unnumbered(name for name, state in self.states.items() if state != CACHED)

    @property
    def cached(self) -> set[str]:
        """Stages that came from the cache, without numbers."""
        return _unnumbered(name for name, state in self.states.items() if state == CACHED)


@dataclass(frozen=True)
class RealCluster:
    """A cluster to run on.

    Attributes:
        project: This project's folder.
        environment: As it was before tests changed it.
        session: Sets what these tests leave there apart from all else.
    """

    project: Path
    environment: Mapping[str, str]
    session: str

    @property
    def namespace(self) -> str:
        return self.environment.get(NAMESPACE, "kubeflow")

    @property
    def data(self) -> str:
        """Address below which the tests write."""
        return f"{self.environment['DEVISE_CLUSTER_DATA'].rstrip('/')}/{self.session}"

    @property
    def name(self) -> str:
        """Of the MLflow experiment and of the registered model."""
        return f"devise-test-{self.session}"

    @property
    def compiled_for(self) -> list[str]:
        """Options of submit and schedule."""
        return [
            *("--preset", "quickstart", "--size", "small", "--experiment", "devise-test"),
            *("--set", f"mlflow_experiment={self.name}"),
            *("--set", f"register_model_name={self.name}"),
            *shlex.split(self.environment["DEVISE_CLUSTER_OPTIONS"]),
        ]

    @cached_property
    def mlflow(self) -> "MlflowClient":
        from mlflow import MlflowClient

        return MlflowClient(self.environment["MLFLOW_TRACKING_URI"])

    def command(self, *arguments: str, ends_with: int = 0) -> str:
        """What a command prints."""
        return printed(self.project, *arguments, env=self.environment, ends_with=ends_with)

    def started(self, *options: str) -> str:
        """The id of a run that submit starts."""
        told = self.command("submit", *self.compiled_for, "--namespace", self.namespace, *options)
        found = _STARTED.search(told)
        assert found, told
        return found[1]

    def over(self, run_id: str, ends_with: int = 0) -> ClusterRun:
        """A run, once it is over."""
        place = ["--namespace", self.namespace]
        self.command("status", run_id, "--wait", *place, ends_with=ends_with)
        told = self.command("status", run_id, *place, ends_with=ends_with)
        states = dict(_STATE.findall(told))
        return ClusterRun(run_id, states, self.row(run_id))

    def rows(self, run_id: str) -> list["Run"]:
        """All MLflow runs of a pipeline run."""
        experiment = self.mlflow.get_experiment_by_name(self.name)
        assert experiment is not None
        of_run = f"tags.{RUN_TAG} = '{run_id}'"
        return list(self.mlflow.search_runs([experiment.experiment_id], of_run))

    def row(self, run_id: str) -> "Run":
        """The one MLflow run that stands for a pipeline run."""
        (found,) = (run for run in self.rows(run_id) if run.data.tags[STAGE_TAG] == PIPELINE)
        return found

    def compared(self) -> list[dict[str, Any]]:
        """Rows that compare shows."""
        rows = self.command("compare", "--experiment", self.name, "--format", "json")
        return list(json.loads(rows))

    def versions(self) -> list["ModelVersion"]:
        """Of the registered model."""
        return list(self.mlflow.search_model_versions(f"name = '{self.name}'"))


def _unnumbered(names: Iterable[str]) -> set[str]:
    return {re.sub(r" \d+$", "", name) for name in names}
