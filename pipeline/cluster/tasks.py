"""A run's stages, out of the many nodes of the workflow that runs them.

Of each stage there is, as it was seen: the stage itself, `train-devise`; a driver before it,
`train-devise-driver`; the pod below it, always `executor`; and of each of them every attempt,
`train-devise(0)`. A stage that came from the cache ends in the second it begins in, with its
executor skipped. Beside a failed run's stages stand those that never began.

Kubeflow's API lists the nodes as a run's tasks, but no longer once the workflow has grown so large
that Argo keeps it compressed, which happens in the middle of a run; the workflow itself is whole.
"""

import base64
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SUCCEEDED = "SUCCEEDED"
ENDED = (SUCCEEDED, "FAILED", "CANCELED", "SKIPPED")
"""States of a run that is over."""

EXECUTOR, DRIVER = "executor", "-driver"
NEVER = 2000
"""Times before this year mean none: the API writes the years 1 and 1970."""


@dataclass(frozen=True)
class Node:
    """A node of a workflow.

    Attributes:
        key: The same whenever the run is looked at.
        name: Shared by the instances in a loop.
        state: In capitals; empty where it never began.
        began: When it began.
        ended: None where it has not.
        children: Keys that the workflow gives those below and after it.
    """

    key: str
    name: str
    state: str
    began: datetime
    ended: datetime | None
    children: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    """A stage of a run, or one of its instances in a loop.

    Attributes:
        key: Of its node.
        name: Of its task.
        state: What it does, as a person says it.
        began: When its task began.
        seconds: How long it took; None: it is not over.
    """

    key: str
    name: str
    state: str
    began: datetime
    seconds: float | None


@dataclass(frozen=True)
class Failure:
    """A pod of a run that failed.

    Attributes:
        stage: Its stage.
        nodes: Keys of its attempts.
    """

    stage: str
    nodes: tuple[str, ...]


def from_kubeflow(details: Iterable[Any]) -> list[Node]:
    """The nodes that Kubeflow's API lists as a run's `task_details`."""
    return [
        Node(
            key=str(task.task_id),
            name=task.display_name,
            state=task.state or "",
            began=task.start_time,
            ended=_time(task.end_time),
            children=tuple(child.pod_name for child in task.child_tasks or [] if child.pod_name),
        )
        for task in details
        if task.display_name and _time(task.start_time)
    ]


def from_workflow(workflow: Mapping[str, Any]) -> list[Node]:
    """The nodes of the workflow itself, as the cluster has it."""
    return [
        Node(
            key=node["id"],
            name=node["displayName"],
            state="" if node["phase"] == "Omitted" else str(node["phase"]).upper(),
            began=datetime.fromisoformat(node["startedAt"]),
            ended=datetime.fromisoformat(node["finishedAt"]) if node.get("finishedAt") else None,
            children=tuple(node.get("children", ())),
        )
        for node in nodes_of(workflow).values()
        if node.get("startedAt")
    ]


def nodes_of(workflow: Mapping[str, Any]) -> dict[str, Any]:
    """A workflow's nodes by id, also where Argo keeps them compressed."""
    status = workflow.get("status", {})
    if packed := status.get("compressedNodes"):
        return dict(json.loads(gzip.decompress(base64.b64decode(packed))))
    return dict(status.get("nodes") or {})


def executed(specification: Mapping[str, Any]) -> set[str]:
    """Names of the tasks that run something, wherever they are nested.

    Args:
        specification: A compiled pipeline, with or without its platform's part.
    """
    inner = specification.get("pipeline_spec", specification)
    components = inner.get("components", {})
    dags = [part["dag"] for part in [inner["root"], *components.values()] if "dag" in part]
    tasks = [task for dag in dags for task in dag["tasks"].items()]
    return {
        name for name, task in tasks if "executorLabel" in components[task["componentRef"]["name"]]
    }


def stages(nodes: Iterable[Node], names: set[str]) -> list[Stage]:
    """The stages that have begun, in the order they did.

    Args:
        nodes: All of the run.
        names: Those of the tasks that run something.
    """
    every = list(nodes)
    begun = [node for node in every if node.name in names and node.state]
    waiting = _waiting(every, begun)
    found = [_stage(node, node.began in waiting) for node in begun]
    return sorted(found, key=lambda stage: (stage.began, stage.name, stage.key))


def failures(nodes: Sequence[Node], names: set[str]) -> list[Failure]:
    """The pods that failed, each with its stage: its executor began in the same second."""
    failed = [node for node in nodes if node.state in ("FAILED", "ERROR")]
    began = {node.began: node.name for node in failed if node.name in names}
    pods = [node for node in failed if node.name == EXECUTOR]
    drivers = [node for node in failed if node.name.endswith(DRIVER)]
    found = [Failure(began.get(node.began, EXECUTOR), node.children) for node in pods]
    return found + [Failure(node.name, node.children) for node in drivers]


def _stage(node: Node, waits: bool) -> Stage:
    seconds = (node.ended - node.began).total_seconds() if node.ended else None
    state = node.state.lower()
    if state == "running" and waits:
        state = "waits for its pod"
    elif state == "succeeded" and not seconds:
        state = "taken from the cache"
    return Stage(node.key, node.name, state, node.began, seconds)


def _waiting(nodes: list[Node], begun: list[Node]) -> set[datetime]:
    """Times at which every stage that began, and still goes on, has a pod that waits."""
    pods = [
        node.began
        for node in nodes
        if node.name.startswith(f"{EXECUTOR}(") and node.state == "PENDING"
    ]
    running = [node.began for node in begun if node.state == "RUNNING"]
    return {time for time in pods if pods.count(time) == running.count(time)}


def _time(time: datetime | None) -> datetime | None:
    return time if time and time.year > NEVER else None
