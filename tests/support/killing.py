"""Kills stages of a run on a real cluster: their pod is deleted, or their memory ends."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kubernetes import client
from kubernetes.stream import stream
from support.real_cluster import ClusterRun

from components.shared.kube import api
from pipeline.cluster.waiting import NODE, of_run, workflow_of

LAUNCHER, EXECUTOR = "launcher", "executor"
ROLE = "pipelines.kubeflow.org/runtime-role"
EXHAUST = """
import os
held = os.memfd_create("held")
while True:
    os.write(held, bytes(16 << 20))
"""
"""Takes all memory that the container may have in a file that counts as no process's: the kernel
kills the largest process, which is the stage."""


@dataclass(frozen=True)
class Attempt:
    """A pod in which a stage works.

    Attributes:
        pod: Its name, which a successor shares where Argo had not yet seen the first one work.
        uid: Its own alone.
        task: Name of the stage's task.
        node: Argo's name of the task, with all that it is nested in.
    """

    pod: str
    uid: str
    task: str
    node: str


@dataclass(frozen=True)
class Survivor:
    """A run that is over and whose stages were killed.

    Attributes:
        run: The run.
        killed: The attempts that were, by task.
        repeated: Tasks that another pod did after that.
    """

    run: ClusterRun
    killed: Mapping[str, Attempt]
    repeated: set[str]


@dataclass(frozen=True)
class Victim:
    """A run whose stages are killed.

    Attributes:
        cluster: The connection.
        namespace: Of its pods.
        run_id: Kubeflow's.
    """

    cluster: api.Cluster
    namespace: str
    run_id: str

    @property
    def core(self) -> client.CoreV1Api:
        return client.CoreV1Api(self.cluster.api)

    def is_over(self) -> bool:
        workflow = workflow_of(self.cluster, self.namespace, self.run_id)
        return bool(workflow and workflow.get("status", {}).get("finishedAt"))

    def attempts(self) -> Iterator[Attempt]:
        """Pods in which stages work or worked."""
        return map(_attempt, filter(_is_a_stage, self._pods()))

    def working(self) -> Iterator[Attempt]:
        """Those that are at work."""
        return map(_attempt, filter(_main_runs, filter(_is_a_stage, self._pods())))

    def has_another(self, attempt: Attempt) -> bool:
        """Whether the task has another pod than this one."""
        return any(one.node == attempt.node and one.uid != attempt.uid for one in self.attempts())

    def has_said(self, attempt: Attempt, text: str) -> bool:
        path = f"/api/v1/namespaces/{self.namespace}/pods/{attempt.pod}/log"
        try:
            return text in self.cluster.text(path, container="main")
        except api.Unreadable:
            return False

    def delete(self, attempt: Attempt) -> None:
        """Delete its pod, as a node that is drained does."""
        self.core.delete_namespaced_pod(attempt.pod, self.namespace)

    def exhaust(self, attempt: Attempt) -> None:
        """Take all memory of its container; the kernel kills the stage for it."""
        # A client of its own: the stream replaces how its client asks.
        with client.ApiClient(self.cluster.api.configuration) as own:
            asked = stream(
                client.CoreV1Api(own).connect_get_namespaced_pod_exec,
                attempt.pod,
                self.namespace,
                container="main",
                command=["python3", "-c", EXHAUST],
                stderr=True, stdout=True, stdin=False, tty=False,
                # Who lets it read all at once gets no connection to close.
                _preload_content=False,
            )  # fmt: skip
            try:
                asked.run_forever(timeout=60)
            finally:
                # Its own way to close leaves the socket open where the other side said so first.
                asked.sock.shutdown()

    def _pods(self) -> list[dict[str, Any]]:
        place = f"/api/v1/namespaces/{self.namespace}/pods"
        return list(self.cluster.items(place, labelSelector=of_run(self.run_id)))


def kill_each_stage_once(
    victim: Victim, once_it_says: Mapping[str, str], out_of_memory: set[str]
) -> dict[str, Attempt]:
    """Kill an attempt at one task of each name, until the run is over.

    Args:
        victim: The run.
        once_it_says: What a task must have said before, by its name; others are killed as soon as
            they work.
        out_of_memory: Names of those that lose their memory; of others the pod is deleted.

    Returns:
        The attempts that were killed, by task.
    """
    killed: dict[str, Attempt] = {}
    while not victim.is_over():
        for attempt in victim.working():
            awaited = once_it_says.get(attempt.task, "")
            if attempt.task not in killed and victim.has_said(attempt, awaited):
                killed[attempt.task] = attempt
                kill = victim.exhaust if attempt.task in out_of_memory else victim.delete
                kill(attempt)
        time.sleep(0.5)
    return killed


def _is_a_stage(pod: Mapping[str, Any]) -> bool:
    return bool(pod["metadata"].get("annotations", {}).get(ROLE) == LAUNCHER)


def _attempt(pod: Mapping[str, Any]) -> Attempt:
    metadata = pod["metadata"]
    node, _, _ = metadata["annotations"][NODE].rpartition(f".{EXECUTOR}(")
    task = node.rpartition(".")[2].partition("(")[0]
    return Attempt(metadata["name"], metadata["uid"], task, node)


def _main_runs(pod: Mapping[str, Any]) -> bool:
    states = pod["status"].get("containerStatuses", [])
    alive = "deletionTimestamp" not in pod["metadata"]
    return alive and any(one["name"] == "main" and "running" in one["state"] for one in states)
