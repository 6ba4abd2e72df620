"""Uploads to Kubeflow Pipelines, and runs of what was uploaded."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline.cluster.connection import Kubeflow

PIPELINE = "devise"
"""Name of the pipeline that runs are started from; schedules have their own."""


def upload(kubeflow: Kubeflow, file: Path, name: str) -> tuple[str, str]:
    """Upload a compiled pipeline as the newest version of the pipeline of that name.

    Where Kubeflow has profiles it lands in the namespace's own pipelines, not in everybody's.

    Returns:
        Ids of the pipeline and of the version.
    """
    client = kubeflow.client
    pipeline_id = find_pipeline(kubeflow, name)
    if pipeline_id is None:
        made = client.upload_pipeline(str(file), pipeline_name=name, namespace=kubeflow.scope)
        versions = client.list_pipeline_versions(made.pipeline_id).pipeline_versions
        return made.pipeline_id, versions[0].pipeline_version_id
    version = f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    uploaded = client.upload_pipeline_version(str(file), version, pipeline_id=pipeline_id)
    return pipeline_id, uploaded.pipeline_version_id


def find_pipeline(kubeflow: Kubeflow, name: str) -> str | None:
    """Id of the namespace's pipeline of that name; None: there is none."""
    found = kubeflow.client.list_pipelines(filter=named(name), namespace=kubeflow.scope).pipelines
    return str(found[0].pipeline_id) if found else None


def named(name: str) -> str:
    """The filter of the API's lists for what has exactly this name."""
    equals = 1
    predicate = {"operation": equals, "key": "display_name", "stringValue": name}
    return json.dumps({"predicates": [predicate]})


@dataclass(frozen=True)
class Wanted:
    """A run as a person asks for it.

    Attributes:
        name: Its name in Kubeflow.
        parameters: Its values.
        experiment: KFP experiment of the run; made where it is not there.
        service_account: That the pods run as; empty: the namespace's own.
    """

    name: str
    parameters: Mapping[str, Any]
    experiment: str
    service_account: str = ""


def submit(kubeflow: Kubeflow, file: Path, wanted: Wanted) -> str:
    """Upload the pipeline and start a run of it.

    Args:
        kubeflow: The connection.
        file: A compiled pipeline.
        wanted: The run.

    Returns:
        The run's id.
    """
    client = kubeflow.client
    with quietly():
        pipeline_id, version_id = upload(kubeflow, file, PIPELINE)
        experiment = client.create_experiment(wanted.experiment, namespace=kubeflow.scope)
        started = client.run_pipeline(
            experiment.experiment_id,
            wanted.name,
            pipeline_id=pipeline_id,
            version_id=version_id,
            params=dict(wanted.parameters),
            service_account=wanted.service_account or None,
        )
    return str(started.run_id)


@contextmanager
def quietly() -> Iterator[None]:
    """Keep kfp from printing the address of everything that it makes."""
    with redirect_stdout(StringIO()):
        yield
