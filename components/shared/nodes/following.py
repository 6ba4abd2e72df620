"""A stage that has its work done by nodes: it makes the TrainJob, follows it, and takes the result.

The job ends with the stage, however that ends: it is removed on SIGTERM and after a failure, and
where the stage is gone without a word its nodes miss the signs of life. Whoever comes after a stage
that is gone finds the job and follows it, or makes another, which goes on from the checkpoint.
"""

import os
import time
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

from components.shared.execution.progress import LogMetrics, say
from components.shared.kube.api import Unreadable, namespace, reach
from components.shared.nodes.crew import Crew
from components.shared.nodes.handover import Given, Handover, Trouble
from components.shared.nodes.jobs import POD_NAME, RETRIES, Jobs, Pod, ended, why_failed
from components.shared.nodes.train_job import Wanted, main_container, train_job
from components.shared.processes.launching import Figures, ProcessDied
from components.shared.storage import store

PROGRAM = ("python", "-m", "components.shared.nodes.node")
SECONDS_BETWEEN_LOOKS = 5.0
SECONDS_FOR_OTHERS = 15.0
"""How long after the first trouble others are waited for, of which it may be the consequence."""
KEPT = 8
"""Characters of a long name: JobSet refuses a job whose pods' names, numbers and all, exceed 63."""
OVERLAP_SECONDS = 30
"""Of a log, asked for again: what has been said already is known by its time."""

Json = Mapping[str, Any]


def on_nodes(crew: Crew, given: Given, key: str, log: LogMetrics) -> Figures:
    """Have a stage's work done by a TrainJob.

    Args:
        crew: The stage's work.
        given: What it is done with; its settings say how many nodes there are.
        key: Of the task's inputs and settings.
        log: Takes what the first process logs.

    Returns:
        The figures of the first process.

    Raises:
        ValueError: The work raises it, or there is no Kubeflow Trainer here that we may use.
        RuntimeError: A node ended before its work was done.
    """
    _check_place(crew, given)
    with closing(reach(RETRIES)) as cluster:
        return _by_job(Jobs(cluster, namespace()), crew, given, key, log)


def _by_job(jobs: Jobs, crew: Crew, given: Given, key: str, log: LogMetrics) -> Figures:
    own = os.environ.get("KFP_RUN_ID", "")[:KEPT]
    name = "-".join(filter(None, ("devise", crew.stage.replace("_", "-"), key[:KEPT], own)))
    uri = f"{given.checkpoints.uri}-nodes-{own}"
    try:
        handover = _made_or_found(jobs, name, uri, crew, given)
        figures = _Following(jobs, name, handover, given.config.nodes, log).to_the_end()
        handover.take(given.output)
    finally:
        jobs.remove(name)
    handover.clear()
    return figures


def _check_place(crew: Crew, given: Given) -> None:
    asked = f"{crew.nodes} is {given.config.nodes}"
    if POD_NAME not in os.environ:
        raise ValueError(f"{asked}, and here is no cluster with Kubeflow Trainer: set it to 1.")
    if not store.is_s3(given.checkpoints.uri):
        raise ValueError(
            f"{asked}, and nodes meet in object storage: give an s3:// address as checkpoints_uri."
        )


def _made_or_found(jobs: Jobs, name: str, uri: str, crew: Crew, given: Given) -> Handover:
    pod, job = jobs.own_pod(), jobs.find(name)
    if job and (handover := _going_on(job, given.config.nodes, pod, uri)):
        say(f"TrainJob {name} is found again, and followed")
        return handover
    _remove(jobs, name)
    handover = Handover(uri, uuid.uuid4().hex)
    handover.give(given)
    handover.beat(0)
    command = (*PROGRAM, crew.work.__module__, uri, handover.attempt)
    jobs.make(train_job(Wanted(name, given.config.nodes, given.config.processes, command), pod))
    say(f"TrainJob {name}, of {given.config.nodes} nodes, is made")
    return handover


def _going_on(job: Json, nodes: int, pod: Json, uri: str) -> Handover | None:
    """Where a job that can be followed is hands over; None: it is over, or is another's work."""
    trainer = job["spec"]["trainer"]
    handover = Handover(uri, trainer["command"][-1])
    is_over = job["metadata"].get("deletionTimestamp") or ended(job)
    is_same = trainer["numNodes"] == nodes and trainer["image"] == main_container(pod)["image"]
    if handover.result() or (is_same and not is_over and not handover.troubles(nodes)):
        return handover
    return None


def _remove(jobs: Jobs, name: str) -> None:
    """Remove an earlier attempt's job, and wait until its pods are gone: they write checkpoints.

    They outlive the job, also one that the earlier attempt has removed itself.
    """
    jobs.remove(name)
    is_told = False
    while jobs.find(name) or jobs.pods(name):
        if not is_told:
            say(f"nodes of the attempt before are waited for: {name} goes")
        is_told = True
        time.sleep(SECONDS_BETWEEN_LOOKS)


@dataclass
class _Following:
    """A job that is followed, and how far."""

    jobs: Jobs
    name: str
    handover: Handover
    nodes: int
    log: LogMetrics
    beats: int = field(default_factory=lambda: time.time_ns())
    rows: int = 0
    said_until: str = ""
    read_at: float = 0.0
    waits: dict[int, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)
    dead: dict[int, Pod] = field(default_factory=dict)

    def to_the_end(self) -> Figures:
        """Pass on what the job says until it has a result, or fails."""
        while True:
            job, pods = self.jobs.find(self.name), self.jobs.pods(self.name)
            result = self.handover.result()
            self._pass_on(pods)
            if result:
                return {name: float(value) for name, value in result["figures"].items()}
            self._check(job, pods)
            self.beats += 1
            self.handover.beat(self.beats)
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _pass_on(self, pods: list[Pod]) -> None:
        for metrics, step in self.handover.logged(self.rows):
            self.log(metrics, step)
            self.rows += 1
        for pod in pods:
            if pod.waits != self.waits.get(pod.node, ""):
                say(f"node {pod.node}: {pod.waits or 'waits no more'}")
            self.waits[pod.node] = pod.waits
        if len(pods) < self.nodes:
            self._pass_on_refusals()
        if pods and pods[0].node == 0:
            self._pass_on_log(pods[0])

    def _pass_on_refusals(self) -> None:
        try:
            found = self.jobs.refusals(self.name)
        except Unreadable:
            # No right to read events: the job goes on without.
            return
        for refusal in found:
            if refusal not in self.refused:
                say(f"nodes are missing: {refusal}")
        self.refused.update(found)

    def _pass_on_log(self, pod: Pod) -> None:
        now = time.monotonic()
        seconds = int(now - self.read_at) + OVERLAP_SECONDS
        try:
            lines = list(self.jobs.log(pod, seconds))
        except Unreadable:
            # Its container has not begun, or the pod is gone: the next look tells.
            return
        for moment, line in lines:
            if moment > self.said_until:
                say(line)
                self.said_until = moment
        self.read_at = now

    def _note_dead(self, pods: list[Pod]) -> None:
        """Keep how a node's first pod ended: the cluster soon has another in its place."""
        for pod in pods:
            first = self.names.setdefault(pod.node, pod.name)
            if pod.name != first:
                pod = replace(pod, name=first, died="its pod was removed")
            if pod.died:
                self.dead.setdefault(pod.node, pod)

    def _check(self, job: Json | None, pods: list[Pod]) -> None:
        if job is None:
            raise RuntimeError(f"TrainJob {self.name} was removed while its nodes were at work.")
        self._note_dead(pods)
        troubles = self.handover.troubles(self.nodes)
        if not troubles and not ended(job) and not self.dead:
            return
        if not any(trouble.kind == "ValueError" for trouble in troubles.values()):
            time.sleep(SECONDS_FOR_OTHERS)
            troubles, pods = self.handover.troubles(self.nodes), self.jobs.pods(self.name)
            self._note_dead(pods)
        if self.handover.result() is None:
            self._pass_on(pods)
            raise self._error(job, troubles)

    def _error(self, job: Json, troubles: Mapping[int, Trouble]) -> Exception:
        """The first cause in a sentence."""
        for trouble in troubles.values():
            if trouble.kind == "ValueError":
                return ValueError(trouble.message)
        for pod in self.dead.values():
            if pod.node not in troubles:
                return self._died(pod.node, pod.died + self._last_line(pod))
        deaths = {ProcessDied.__name__: 0}
        ordered = sorted(troubles.items(), key=lambda item: deaths.get(item[1].kind, 1))
        for node, trouble in ordered:
            return self._died(node, trouble.message)
        return RuntimeError(f"TrainJob {self.name} ended without a result: {why_failed(job)}")

    def _last_line(self, pod: Pod) -> str:
        """Of a node that had no time to report; the lines before it are told."""
        try:
            lines = self.jobs.last_lines(pod)
        except Unreadable:
            # The pod is gone, and its log with it.
            return ""
        for line in lines:
            say(f"node {pod.node} said last: {line}")
        return f"; it said last: {lines[-1]}" if lines else ""

    def _died(self, node: int, how: str) -> RuntimeError:
        return RuntimeError(
            f"Node {node} of {self.nodes} ended before its work was done ({how}): the next attempt "
            "goes on after the last epoch."
        )
