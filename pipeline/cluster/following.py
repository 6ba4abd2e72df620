"""Follows a run in the terminal: a line for every change, and why a pod does not start."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from components.shared.kube import api
from pipeline.cluster import failure
from pipeline.cluster.connection import Absent, Kubeflow, Unreachable
from pipeline.cluster.tasks import (
    ENDED,
    SUCCEEDED,
    Node,
    Stage,
    executed,
    failures,
    from_kubeflow,
    from_workflow,
    stages,
)
from pipeline.cluster.waiting import waiting, workflow_of

EVERY = 5.0
"""Seconds between two looks."""
PATIENCE = 60
"""Looks in a row that may fail before we give up: five minutes."""

Say = Callable[[str], None]


@dataclass
class Follower:
    """What has been said of a run, so that only what is new is said; closed after the last look.

    Attributes:
        kubeflow: The connection.
        run_id: The run.
        say: Prints a line.
    """

    kubeflow: Kubeflow
    run_id: str
    say: Say
    _said: dict[str, str] = field(default_factory=dict)
    _names: set[str] | None = None
    _cluster: api.Cluster | None = None
    _unreadable: str = ""
    _waits: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        try:
            self._cluster = api.reach()
        except api.Unreadable as error:
            self._unreadable = str(error)

    def look(self) -> str:
        """Say what is new, and return the run's state.

        Raises:
            ValueError: There is no such run, or Kubeflow refuses.
        """
        run = self._run()
        began = run.created_at
        if self._names is None:
            self._names = self._stage_names(run)
        nodes = self._nodes(run)
        for name, stage in _numbered(stages(nodes, self._names)):
            news = _news(stage)
            self._tell(stage.key, news, f"{_clock(began, stage)}  {name:<28}  {news}")
        ended = run.finished_at if run.state in ENDED else None
        self._tell("run", run.state, f"{_clock(began, at=ended)}  {run.state}")
        if run.state not in ENDED:
            self._tell_waiting(began)
        elif run.state != SUCCEEDED:
            self._tell_failures(nodes)
        return str(run.state)

    def close(self) -> None:
        """End the connection to the cluster; Kubeflow's is the caller's."""
        if self._cluster:
            self._cluster.close()

    def _run(self) -> Any:
        try:
            return self.kubeflow.client.get_run(self.run_id)
        except Absent as error:
            raise Absent(
                f"There is no run {self.run_id!r} at {self.kubeflow.host}: its id ends the address "
                "of its page, and submit prints it."
            ) from error

    def _stage_names(self, run: Any) -> set[str]:
        try:
            return executed(_specification(self.kubeflow, run))
        except Absent:
            self.say("Its pipeline was deleted: which of its nodes are stages is not known.")
            return set()

    def _nodes(self, run: Any) -> list[Node]:
        """Of the workflow, which is whole, where it may be read; otherwise as Kubeflow lists."""
        place = self.kubeflow.run_namespace
        workflow = self._cluster and workflow_of(self._cluster, place, self.run_id)
        if workflow:
            return from_workflow(workflow)
        return from_kubeflow((run.run_details and run.run_details.task_details) or [])

    def _tell(self, key: str, news: str, line: str) -> None:
        if self._said.get(key) != news:
            self._said[key] = news
            self.say(line)

    def _tell_failures(self, nodes: list[Node]) -> None:
        page = self.kubeflow.page(self.run_id)
        found = failures(nodes, self._names or set())
        for failed in found:
            said = failure.message(self.kubeflow, self._cluster, self.run_id, failed)
            self.say(f"{failed.stage} failed: {said or f'its log is on the page {page}'}")
        if not found:
            self.say(f"What failed is on the page {page}")

    def _tell_waiting(self, began: datetime) -> None:
        try:
            if not self._cluster:
                raise api.Unreadable(self._unreadable)
            found = waiting(self._cluster, self.kubeflow.run_namespace, self.run_id)
        except api.Unreadable as error:
            self._tell("unreadable", "", f"Why a pod waits cannot be shown: {error}.")
            return
        for stage in self._waits - found.keys():
            self._said.pop(f"wait {stage}")
        self._waits = set(found)
        for stage, why in found.items():
            self._tell(f"wait {stage}", why, f"{_clock(began)}  {stage:<28}  {why}")


def follow(follower: Follower, every: float = EVERY) -> bool:
    """Follow a run to its end.

    Args:
        follower: What says the lines.
        every: Seconds between two looks.

    Returns:
        Whether it succeeded.

    Raises:
        ValueError: Kubeflow refuses, or has not answered for a while.
    """
    failed = 0
    while True:
        try:
            state = follower.look()
            failed = 0
        except Unreachable as error:
            failed += 1
            if failed == 1:
                follower.say(f"{error} It is asked again.")
            if failed > PATIENCE:
                raise
            state = ""
        if state in ENDED:
            return state == SUCCEEDED
        time.sleep(every)


def _specification(kubeflow: Kubeflow, run: Any) -> Any:
    """The compiled pipeline of a run, which a run of a version only refers to."""
    if run.pipeline_spec:
        return run.pipeline_spec
    version = run.pipeline_version_reference
    return kubeflow.client.get_pipeline_version(
        version.pipeline_id, version.pipeline_version_id
    ).pipeline_spec


def _numbered(found: list[Stage]) -> list[tuple[str, Stage]]:
    """The stages with their names, numbered where a loop has several."""
    names = [stage.name for stage in found]
    return [
        (f"{name} {names[:at].count(name) + 1}" if names.count(name) > 1 else name, stage)
        for at, (name, stage) in enumerate(zip(names, found, strict=True))
    ]


def _news(stage: Stage) -> str:
    took = f" after {_duration(stage.seconds)}" if stage.seconds else ""
    return f"{stage.state}{took}"


def _clock(began: datetime, stage: Stage | None = None, at: datetime | None = None) -> str:
    """Time from the run's beginning to a stage's last change, or until now."""
    seconds = ((at or datetime.now(UTC)) - began).total_seconds()
    if stage:
        seconds = (stage.began - began).total_seconds() + (stage.seconds or 0)
    return f"{_duration(max(seconds, 0)):>8}"


def _duration(seconds: float | None) -> str:
    minutes, rest = divmod(int(seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
