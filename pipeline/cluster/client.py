"""Kubeflow Pipelines from the outside: upload, runs, schedules."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import kfp
from kfp_server_api import (
    V2beta1CronSchedule,
    V2beta1PipelineVersionReference,
    V2beta1RecurringRun,
    V2beta1RecurringRunStatus,
    V2beta1RuntimeConfig,
    V2beta1Trigger,
)

from components.shared.settings.parameter import Value

PIPELINE = "devise"


def connect(host: str, namespace: str) -> kfp.Client:
    """Client for a Kubeflow Pipelines address.

    Outside a cluster KFP_TOKEN or KFP_COOKIES may hold the session; inside, kfp reads the pod's
    projected token.
    """
    return kfp.Client(
        host=host or None,
        namespace=namespace,
        existing_token=os.environ.get("KFP_TOKEN"),
        cookies=os.environ.get("KFP_COOKIES"),
    )


def upload(client: kfp.Client, file: Path) -> tuple[str, str]:
    """Upload a compiled pipeline as a new version.

    Returns:
        Ids of the pipeline and of the version.
    """
    pipeline_id = client.get_pipeline_id(PIPELINE)
    if pipeline_id is None:
        pipeline_id = client.upload_pipeline(str(file), pipeline_name=PIPELINE).pipeline_id
        versions = client.list_pipeline_versions(pipeline_id).pipeline_versions
        return pipeline_id, versions[0].pipeline_version_id
    version = f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    uploaded = client.upload_pipeline_version(str(file), version, pipeline_id=pipeline_id)
    return pipeline_id, uploaded.pipeline_version_id


def submit(
    client: kfp.Client, file: Path, values: Mapping[str, Value], experiment: str, run_name: str
) -> str:
    """Upload the pipeline and start a run of it.

    Returns:
        The run's id.
    """
    pipeline_id, version_id = upload(client, file)
    experiment_id = client.create_experiment(experiment).experiment_id
    started = client.run_pipeline(
        experiment_id,
        run_name,
        pipeline_id=pipeline_id,
        version_id=version_id,
        params=dict(values),
    )
    return str(started.run_id)


def schedule(
    client: kfp.Client, file: Path, values: Mapping[str, Value], experiment: str, cron: str
) -> str:
    """Run the latest version of the pipeline again and again; replaces the schedule of that name.

    Args:
        client: The connection.
        file: A compiled pipeline, uploaded as the latest version.
        values: Parameters of every run.
        experiment: KFP experiment of the runs.
        cron: Six fields, seconds first, such as `0 0 3 * * 0`.

    Returns:
        The schedule's id.

    Raises:
        ValueError: The cron expression has not six fields.
    """
    check_cron(cron)
    pipeline_id, _ = upload(client, file)
    experiment_id = client.create_experiment(experiment).experiment_id
    body = recurring_run(pipeline_id, experiment_id, values, cron)
    # kfp's own create_recurring_run pins a version or embeds the workflow; the reference to the
    # pipeline alone makes each run take the newest version.
    api = client._recurring_run_api
    earlier = _schedules(client, experiment_id)
    created = api.recurring_run_service_create_recurring_run(recurring_run=body)
    for recurring_run_id in earlier:
        client.delete_recurring_run(recurring_run_id)
    return str(created.recurring_run_id)


def check_cron(cron: str) -> None:
    """Check a cron expression's form.

    Raises:
        ValueError: It has not six fields.
    """
    if len(cron.split()) != 6:
        raise ValueError(
            f"--cron {cron!r} has {len(cron.split())} fields: Kubeflow takes six, seconds first, "
            "such as '0 0 3 * * 0' for Sundays at 3."
        )


def recurring_run(
    pipeline_id: str, experiment_id: str, values: Mapping[str, Value], cron: str
) -> Any:
    """The schedule's request: newest version, one run at a time, no catching up."""
    return V2beta1RecurringRun(
        display_name=PIPELINE,
        experiment_id=experiment_id,
        pipeline_version_reference=V2beta1PipelineVersionReference(pipeline_id=pipeline_id),
        runtime_config=V2beta1RuntimeConfig(parameters=dict(values)),
        trigger=V2beta1Trigger(cron_schedule=V2beta1CronSchedule(cron=cron)),
        max_concurrency="1",
        no_catchup=True,
        mode="ENABLE",
        status=V2beta1RecurringRunStatus.ENABLED,
    )


def _schedules(client: kfp.Client, experiment_id: str) -> list[str]:
    found = client.list_recurring_runs(page_size=100, experiment_id=experiment_id).recurring_runs
    return [item.recurring_run_id for item in found or [] if item.display_name == PIPELINE]
