"""A second opinion before anything is sent: whether a run finds its data and has room."""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kubernetes.utils.quantity import parse_quantity

from components.shared.kube.api import Cluster, Unreadable, reach
from components.shared.settings.parameter import Value
from components.shared.storage import s3_identity, store
from components.shared.storage.http_requests import impatient
from components.shared.storage.s3 import ENDPOINT
from pipeline.cluster.asked import Task
from pipeline.local.addresses import named_addresses

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Opinion:
    """What was found.

    Attributes:
        notes: What is right, or could not be looked at.
        problems: What will keep the run from ending well.
    """

    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __add__(self, other: "Opinion") -> "Opinion":
        return Opinion(self.notes + other.notes, self.problems + other.problems)


def of_addresses(values: Mapping[str, Value], to_come: str = "") -> Opinion:
    """Whether what is read is there and the buckets of what is written answer.

    Args:
        values: Every setting.
        to_come: Prefix of what is only uploaded before the run; empty: there is none.
    """
    named = [
        (role, name, uri)
        for role in ("read", "written")
        for name, uri in named_addresses(values, role)
        if store.is_s3(uri)
    ]
    missing = [*(() if os.environ.get(ENDPOINT) else (ENDPOINT,)), *s3_identity.missing()]
    if missing:
        return Opinion((f"s3:// addresses are not looked at: {', '.join(missing)} not set here.",))
    opinion = Opinion()
    for role, name, uri in named:
        role = "written" if to_come and uri.startswith(store.join(to_come, "")) else role
        with impatient():
            opinion += _of_address(role, name, uri)
    return opinion


def of_uploads(values: Mapping[str, Value]) -> Opinion:
    """Whether the files of this machine that are uploaded before the run are there.

    Args:
        values: Every setting, as it was given.
    """
    opinion = Opinion()
    for name, uri in named_addresses(values, "read"):
        if not store.is_remote(uri):
            opinion += _of_address("read", name, uri)
    return opinion


def of_room(tasks: list[Task], namespace: str, connect: Callable[[], Cluster] = reach) -> Opinion:
    """Whether the namespace's quota and some node can hold each task, where that may be read."""
    opinion = Opinion()
    for subject, look in {"The quota": _of_quota, "Nodes": _of_nodes}.items():
        try:
            with closing(connect()) as cluster:
                opinion += look(tasks, namespace, cluster)
        except Unreadable as error:
            opinion += Opinion((f"{subject} cannot be looked at: {error}.",))
    return opinion


def outgrown(tasks: Iterable[Task], nodes: Iterable[Json]) -> list[str]:
    """A sentence for each task that no node could hold, even one with nothing else on it."""
    sizes = [node["status"]["allocatable"] for node in nodes]
    return [
        f"{task.name} asks for {_asked(task)}, which none of {len(sizes)} nodes has."
        for task in tasks
        if not any(_fits(task, size) for size in sizes)
    ]


def over_quota(tasks: Iterable[Task], quotas: Iterable[Json]) -> list[str]:
    """A sentence for each task that a quota has no room for."""
    return [
        f"{task.name} asks for {amount} {name}, and quota {quota['metadata']['name']} has "
        f"{_number(left)} left."
        for quota in quotas
        for name, left in _left(quota).items()
        for task in tasks
        if (amount := task.requests.get(name)) and parse_quantity(amount) > left
    ]


def _of_quota(tasks: list[Task], namespace: str, cluster: Cluster) -> Opinion:
    place = f"/api/v1/namespaces/{namespace}"
    quotas = cluster.items(f"{place}/resourcequotas")
    problems = over_quota(tasks, quotas)
    on_requests = any(name.startswith("requests.") for quota in quotas for name in _hard(quota))
    if on_requests and not cluster.items(f"{place}/limitranges"):
        problems.append(
            f"Namespace {namespace} has a quota and no LimitRange: Argo's own containers ask for "
            "nothing, so that every pod is refused; add one with a defaultRequest."
        )
    note = f"Quotas of {namespace}: {len(quotas) or 'none'}."
    return Opinion((note,), tuple(problems))


def _of_nodes(tasks: list[Task], _namespace: str, cluster: Cluster) -> Opinion:
    nodes = cluster.items("/api/v1/nodes")
    problems = outgrown(tasks, nodes)
    note = f"Nodes: {len(nodes)}; each task fits on one that is empty."
    return Opinion(() if problems else (note,), tuple(problems))


def _of_address(role: str, name: str, uri: str) -> Opinion:
    try:
        if role == "read":
            store.first_file(uri)
            return Opinion((f"{name}: {uri} is there.",))
        bucket = uri.split("/")[2]
        store.exists(f"s3://{bucket}")
        return Opinion((f"{name}: bucket {bucket} answers.",))
    except ValueError as error:
        return Opinion(problems=(f"{name}: {error}",))


def _asked(task: Task) -> str:
    return ", ".join(f"{amount} {name}" for name, amount in task.requests.items())


def _fits(task: Task, allocatable: Mapping[str, str]) -> bool:
    return all(
        parse_quantity(amount) <= parse_quantity(allocatable.get(name, "0"))
        for name, amount in task.requests.items()
    )


def _hard(quota: Json) -> Mapping[str, str]:
    hard: Mapping[str, str] = quota.get("status", {}).get("hard") or quota["spec"].get("hard", {})
    return hard


def _left(quota: Json) -> dict[str, Decimal]:
    """What a quota has left of what tasks request, by the request's name."""
    used = quota.get("status", {}).get("used", {})
    return {
        name.removeprefix("requests."): parse_quantity(amount) - parse_quantity(used.get(name, "0"))
        for name, amount in _hard(quota).items()
        if name.startswith("requests.") or name in ("cpu", "memory")
    }


def _number(amount: Decimal) -> str:
    return f"{amount:,f}".rstrip("0").rstrip(".") if amount % 1 else f"{amount:,.0f}"
