"""Schedules: each retrains with all its values, on the newest version of a pipeline of its own."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfp_server_api import (
    V2beta1CronSchedule,
    V2beta1PipelineVersionReference,
    V2beta1RecurringRun,
    V2beta1RecurringRunStatus,
    V2beta1RuntimeConfig,
    V2beta1Trigger,
)

from components.shared.settings.parameter import Value
from components.shared.settings.presets import FIELDS
from components.shared.storage import store
from pipeline.cluster.client import PIPELINE, find_pipeline, named, quietly, upload
from pipeline.cluster.connection import Kubeflow
from pipeline.cluster.tasks import ENDED
from pipeline.form import PRESET, SETTINGS

PREFIX = f"{PIPELINE}-"
ENABLED, DISABLED = "ENABLED", "DISABLED"
PAGE = 100


@dataclass(frozen=True)
class Schedule:
    """A schedule as Kubeflow has it.

    Attributes:
        name: Without the prefix that its pipeline has.
        recurring_run_id: Kubeflow's id.
        cron: When it runs.
        enabled: Whether it does.
        parameters: Of its runs, as they were sent.
    """

    name: str
    recurring_run_id: str
    cron: str
    enabled: bool
    parameters: Mapping[str, Any]

    @property
    def preset(self) -> str:
        """The preset that its values began as."""
        return str(self.parameters.get(PRESET, "-"))


@dataclass(frozen=True)
class Wanted:
    """A schedule as a person asks for it.

    Attributes:
        name: Its name; its pipeline is `devise-<name>`.
        cron: Six fields, seconds first, such as `0 0 3 * * 0`.
        parameters: Of every run, from `arguments`.
        experiment: KFP experiment of the runs.
        service_account: That the pods run as; empty: the namespace's own.
    """

    name: str
    cron: str
    parameters: Mapping[str, Any]
    experiment: str
    service_account: str = ""


def arguments(preset: str, values: Mapping[str, Value]) -> dict[str, Any]:
    """A run's parameters with every value in them.

    Unlike those of a single run they say what the preset and the defaults say too, so that neither
    a later preset nor a later default changes what is trained again.
    """
    settings = {name: value for name, value in values.items() if name not in FIELDS}
    return {PRESET: preset, **{name: values[name] for name in FIELDS}, SETTINGS: settings}


def create(kubeflow: Kubeflow, file: Path, wanted: Wanted) -> Schedule:
    """Upload the schedule's pipeline and run its latest version again and again.

    Args:
        kubeflow: The connection.
        file: A compiled pipeline.
        wanted: The schedule.

    Raises:
        ValueError: There is a schedule of that name, or the cron expression has not six fields.
    """
    check_cron(wanted.cron)
    if find(kubeflow, wanted.name):
        raise ValueError(
            f"There is a schedule {wanted.name!r}: move it to these images and values with "
            "--update, or give this one another --name."
        )
    return _created(kubeflow, file, wanted, ENABLED)


def update(kubeflow: Kubeflow, file: Path, wanted: Wanted) -> tuple[Schedule, Schedule]:
    """Move a schedule to new images, values and times; one that was paused stays so.

    Kubeflow has no call that changes a schedule. The new one is made, which it may refuse, before
    anything changes: as soon as the next version is uploaded the old one would run it. Then the old
    one is deleted, and with it what an update that was killed has left.

    Args:
        kubeflow: The connection.
        file: A compiled pipeline, the next version of the schedule's own.
        wanted: The schedule.

    Returns:
        The schedule as it was, and as it is.

    Raises:
        ValueError: There is no schedule of that name, a run of it goes on, or the cron expression
            has not six fields.
    """
    check_cron(wanted.cron)
    found = _at_rest(kubeflow, wanted.name)
    earlier = min(found, key=lambda schedule: not schedule.enabled)
    created = _replacement(kubeflow, file, wanted)
    if earlier.enabled:
        kubeflow.client.enable_recurring_run(created.recurring_run_id)
    _delete(kubeflow, found)
    return earlier, dataclasses.replace(created, enabled=earlier.enabled)


def every(kubeflow: Kubeflow) -> list[Schedule]:
    """All schedules of the namespace, by name."""
    found: list[Schedule] = []
    token = ""
    while True:
        answer = kubeflow.client.list_recurring_runs(
            page_token=token, page_size=PAGE, namespace=kubeflow.scope
        )
        listed = answer.recurring_runs or []
        found += [_read(item) for item in listed if item.display_name.startswith(PREFIX)]
        token = answer.next_page_token or ""
        if not token:
            return sorted(found, key=lambda schedule: schedule.name)


def find(kubeflow: Kubeflow, name: str) -> list[Schedule]:
    """The schedules of that name: none, one, or two where an update was killed."""
    found = kubeflow.client.list_recurring_runs(
        page_size=PAGE, filter=named(PREFIX + name), namespace=kubeflow.scope
    ).recurring_runs
    return [_read(item) for item in found or []]


def get(kubeflow: Kubeflow, name: str) -> list[Schedule]:
    """The schedules of that name, as `find` gives them.

    Raises:
        ValueError: There is none; those that are there are named.
    """
    found = find(kubeflow, name)
    if not found:
        names = ", ".join(schedule.name for schedule in every(kubeflow)) or "none"
        raise ValueError(f"There is no schedule {name!r} at {kubeflow.host}, only these: {names}.")
    return found


def pause(kubeflow: Kubeflow, name: str) -> None:
    """Start no runs any more.

    Raises:
        ValueError: There is no such schedule.
    """
    for schedule in get(kubeflow, name):
        kubeflow.client.disable_recurring_run(schedule.recurring_run_id)


def resume(kubeflow: Kubeflow, name: str) -> None:
    """Start runs again, at the next time; those missed are not made up for.

    Raises:
        ValueError: There is no such schedule, or there are two.
    """
    found = get(kubeflow, name)
    if len(found) > 1:
        raise ValueError(
            f"There are {len(found)} schedules {name!r}, which an update that was killed has left: "
            "give the update's command again, or remove them."
        )
    kubeflow.client.enable_recurring_run(found[0].recurring_run_id)


def remove(kubeflow: Kubeflow, name: str) -> None:
    """Delete the schedule; its runs and its pipeline stay.

    Raises:
        ValueError: There is no such schedule, or a run of it goes on.
    """
    _delete(kubeflow, _at_rest(kubeflow, name))


def last_runs(kubeflow: Kubeflow, schedules: Iterable[Schedule]) -> dict[str, Any]:
    """The last run of each of these schedules that has one, by the schedule's id.

    The namespace's runs are read, the newest first, until each is found.
    """
    missing = {schedule.recurring_run_id for schedule in schedules}
    found: dict[str, Any] = {}
    token: str | None = ""
    while missing and token is not None:
        answer = kubeflow.client.list_runs(
            page_token=token,
            page_size=PAGE,
            sort_by="created_at desc",
            namespace=kubeflow.scope,
        )
        for run in answer.runs or []:
            if run.recurring_run_id in missing:
                missing.remove(run.recurring_run_id)
                found[run.recurring_run_id] = run
        token = answer.next_page_token or None
    return found


def table(kubeflow: Kubeflow) -> str:
    """A line a schedule: name, cron, whether it runs, its last run, its preset."""
    found = every(kubeflow)
    ran = last_runs(kubeflow, found)
    rows = [("name", "cron", "state", "last run", "preset")]
    for schedule in found:
        run = ran.get(schedule.recurring_run_id)
        last = f"{run.created_at:%Y-%m-%d %H:%M} {str(run.state).lower()}" if run else "-"
        enabled = "runs" if schedule.enabled else "paused"
        rows.append((schedule.name, schedule.cron, enabled, last, schedule.preset))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for each value that differs between two schedules' parameters, without secrets."""
    old, new = _flat(before), _flat(after)
    names = [*new, *(name for name in old if name not in new)]
    return [
        f"{name}: {_shown(old, name)} -> {_shown(new, name)}"
        for name in names
        if name not in old or name not in new or old[name] != new[name]
    ]


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


def recurring_run(pipeline_id: str, experiment_id: str, wanted: Wanted, state: str) -> Any:
    """The schedule's request: newest version, one run at a time, no catching up.

    Args:
        pipeline_id: Its pipeline.
        experiment_id: KFP experiment of the runs.
        wanted: The schedule.
        state: ENABLED or DISABLED.
    """
    return V2beta1RecurringRun(
        display_name=PREFIX + wanted.name,
        experiment_id=experiment_id,
        pipeline_version_reference=V2beta1PipelineVersionReference(pipeline_id=pipeline_id),
        runtime_config=V2beta1RuntimeConfig(parameters=dict(wanted.parameters)),
        trigger=V2beta1Trigger(cron_schedule=V2beta1CronSchedule(cron=wanted.cron)),
        max_concurrency="1",
        no_catchup=True,
        mode="ENABLE" if state == ENABLED else "DISABLE",
        status=getattr(V2beta1RecurringRunStatus, state),
        service_account=wanted.service_account or None,
    )


def _created(kubeflow: Kubeflow, file: Path, wanted: Wanted, state: str) -> Schedule:
    with quietly():
        pipeline_id, _ = upload(kubeflow, file, PREFIX + wanted.name)
    return _made(kubeflow, pipeline_id, wanted, state)


def _replacement(kubeflow: Kubeflow, file: Path, wanted: Wanted) -> Schedule:
    """A schedule in place of one that is there, which does not run yet, with its next version."""
    pipeline_id = find_pipeline(kubeflow, PREFIX + wanted.name)
    if pipeline_id is None:
        # Whoever deleted it has stopped the earlier schedule.
        return _created(kubeflow, file, wanted, DISABLED)
    made = _made(kubeflow, pipeline_id, wanted, DISABLED)
    try:
        with quietly():
            upload(kubeflow, file, PREFIX + wanted.name)
    except BaseException:
        _delete(kubeflow, [made])
        raise
    return made


def _made(kubeflow: Kubeflow, pipeline_id: str, wanted: Wanted, state: str) -> Schedule:
    client = kubeflow.client
    with quietly():
        made = client.create_experiment(wanted.experiment, namespace=kubeflow.scope)
    body = recurring_run(pipeline_id, made.experiment_id, wanted, state)
    # kfp's own create_recurring_run pins a version or embeds the workflow; the reference to the
    # pipeline alone makes each run take the newest version.
    api = client._recurring_run_api
    return _read(api.recurring_run_service_create_recurring_run(recurring_run=body))


def _delete(kubeflow: Kubeflow, schedules: Iterable[Schedule]) -> None:
    for schedule in schedules:
        kubeflow.client.delete_recurring_run(schedule.recurring_run_id)


def _at_rest(kubeflow: Kubeflow, name: str) -> list[Schedule]:
    """The schedules of that name, with no run going on.

    A run's workflow belongs to its schedule: the cluster deletes it with the schedule, in the
    middle of the work, and Kubeflow shows the run as running for ever.
    """
    found = get(kubeflow, name)
    for run in last_runs(kubeflow, found).values():
        if run.state not in ENDED:
            raise ValueError(
                f"Run {run.run_id} of schedule {name!r} goes on, and would be lost with it: wait "
                f"for its end, or terminate it on its page, {kubeflow.page(run.run_id)}"
            )
    return found


def _read(item: Any) -> Schedule:
    trigger = item.trigger and item.trigger.cron_schedule
    return Schedule(
        name=str(item.display_name).removeprefix(PREFIX),
        recurring_run_id=str(item.recurring_run_id),
        cron=str(trigger.cron) if trigger else "-",
        enabled=item.status == ENABLED,
        parameters=(item.runtime_config and item.runtime_config.parameters) or {},
    )


def _flat(parameters: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in parameters.items() if name != SETTINGS}
    return {**fields, **(parameters.get(SETTINGS) or {})}


def _shown(parameters: Mapping[str, Any], name: str) -> str:
    if name not in parameters:
        return "(not there)"
    return repr(store.without_secrets({name: parameters[name]})[name])
