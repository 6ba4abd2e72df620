"""A TrainJob in the cluster: made, found, watched, removed; and what its pods say."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from components.shared.kube.api import Cluster, Unreadable
from components.shared.kube.pending import why_pending
from components.shared.nodes.train_job import CONTAINER, REPLICATED_JOB

RETRIES = urllib3.Retry(
    total=8, backoff_factor=1.0, status_forcelist=(429, 500, 502, 503, 504), raise_on_status=False
)
"""Some minutes: a cluster's control plane may be replaced while a training goes on."""
POD_NAME = "KFP_POD_NAME"
"""In a task's environment, where it is one of Kubeflow Pipelines."""
LINE = re.compile(r"(\S+) ?(.*)")
REFUSED_POD = re.compile(r'Error creating: pods "\S+" is forbidden: ')
"""Before what a quota says of a pod; the pod's name is another at each try."""
LAST_LINES = 10
MISSING, FORBIDDEN = 404, 403
WEBHOOK = "admission webhook"
"""In what the cluster says where not it refuses an object, but what looks at each."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Pod:
    """A node's pod.

    Attributes:
        node: The number of the node.
        name: The pod's name.
        waits: Why it has not started; empty: it has, or nothing is known.
        died: How its container ended without having finished, `OOMKilled, exit code 137`; empty: it
            has not.
        began_again: Whether another container is in the place of the one that died.
    """

    node: int
    name: str
    waits: str
    died: str
    began_again: bool


@dataclass(frozen=True)
class Jobs:
    """The namespace's TrainJobs.

    Attributes:
        cluster: The cluster.
        place: The namespace.
    """

    cluster: Cluster
    place: str

    def own_pod(self) -> Json:
        """The pod that this process is in.

        Raises:
            ValueError: We have no right to read it, or nobody answers.
        """
        try:
            return self.cluster.get(f"/api/v1/namespaces/{self.place}/pods/{os.environ[POD_NAME]}")
        except Unreadable as error:
            raise ValueError(self._refusal(error)) from error

    def find(self, name: str) -> Json | None:
        """The TrainJob of a name; None: there is none.

        Raises:
            ValueError: We have no right to read it, or nobody answers.
        """
        try:
            return self.cluster.get(self._path(name))
        except Unreadable as error:
            if error.status == MISSING:
                return None
            raise ValueError(self._refusal(error)) from error

    def make(self, job: Json) -> None:
        """Make a TrainJob.

        Raises:
            ValueError: This cluster has no Kubeflow Trainer, we have no right to, or it is refused.
        """
        try:
            self.cluster.create(self._path(), job)
        except Unreadable as error:
            raise ValueError(self._refusal(error)) from error

    def remove(self, name: str) -> None:
        """Remove a TrainJob, with its pods; nothing happens where there is none."""
        try:
            self.cluster.delete(self._path(name))
        except Unreadable as error:
            if error.status != MISSING:
                raise

    def pods(self, name: str) -> list[Pod]:
        """The newest pod of each node of a TrainJob, by the node's number."""
        selector = f"jobset.sigs.k8s.io/jobset-name={name}"
        found = self.cluster.items(f"/api/v1/namespaces/{self.place}/pods", labelSelector=selector)
        newest = {}
        for pod in sorted(found, key=lambda pod: str(pod["metadata"]["creationTimestamp"])):
            labels = pod["metadata"]["labels"]
            newest[int(labels["batch.kubernetes.io/job-completion-index"])] = pod
        return [_pod(node, newest[node]) for node in sorted(newest)]

    def log(self, pod: Pod, seconds: int) -> Iterator[tuple[str, str]]:
        """Lines of a pod's log with the time of each, as ISO 8601 has it.

        Args:
            pod: The pod.
            seconds: Of how long; older lines are left out.
        """
        path = f"/api/v1/namespaces/{self.place}/pods/{pod.name}/log"
        query = {"container": CONTAINER, "timestamps": "true", "sinceSeconds": str(seconds)}
        for line in self.cluster.text(path, **query).splitlines():
            if found := LINE.fullmatch(line):
                yield found[1], found[2]

    def last_lines(self, pod: Pod) -> list[str]:
        """What the container of a pod that died said last.

        Raises:
            Unreadable: The pod is gone.
        """
        path = f"/api/v1/namespaces/{self.place}/pods/{pod.name}/log"
        query = {"container": CONTAINER, "tailLines": str(LAST_LINES)}
        if pod.began_again:
            query["previous"] = "true"
        return self.cluster.text(path, **query).splitlines()

    def refusals(self, name: str) -> list[str]:
        """Why a TrainJob has fewer pods than nodes, as the cluster's warnings have it.

        Nothing of it stands in the TrainJob: it is refused a JobSet, or its pods by a quota.

        Raises:
            Unreadable: We have no right to read events.
        """
        said: dict[str, None] = {}
        for subject in (name, f"{name}-{REPLICATED_JOB}-0"):
            fields = f"type=Warning,involvedObject.name={subject}"
            path = f"/api/v1/namespaces/{self.place}/events"
            for event in self.cluster.items(path, fieldSelector=fields):
                said[REFUSED_POD.sub("", event["message"])] = None
        return list(said)

    def _path(self, name: str = "") -> str:
        place = f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{self.place}/trainjobs"
        return f"{place}/{name}" if name else place

    def _refusal(self, error: Unreadable) -> str:
        if error.status == FORBIDDEN and WEBHOOK not in error.said:
            return (
                f"This run may not make and read TrainJobs and pods in {self.place}: whoever runs "
                "the cluster applies manifests/components/train-jobs (docs/cluster.md)."
            )
        if error.status == MISSING:
            return "This cluster has no Kubeflow Trainer: 2.2 or later must be installed."
        return f"Kubeflow Trainer takes no TrainJob: {error.said or error}"


def ended(job: Json) -> str:
    """Which end a TrainJob has come to: `Complete` or `Failed`, and empty as long as none."""
    return str(_last_condition(job).get("type", ""))


def why_failed(job: Json) -> str:
    """What Kubeflow Trainer says of a TrainJob that has ended."""
    return str(_last_condition(job).get("message", ""))


def _last_condition(job: Json) -> Json:
    conditions = job.get("status", {}).get("conditions", [])
    ends = [one for one in conditions if one["type"] in ("Complete", "Failed")]
    return next((one for one in ends if one["status"] == "True"), {})


def _pod(node: int, pod: Json) -> Pod:
    status = pod.get("status", {})
    states = [one for one in status.get("containerStatuses", []) if one["name"] == CONTAINER]
    now = next((how for state in states if (how := _death(state.get("state", {})))), "")
    before = next((how for state in states if (how := _death(state.get("lastState", {})))), "")
    died = now or before
    if not died and status.get("phase") == "Failed":
        died = status.get("reason") or status.get("message") or "the pod failed"
    waits = why_pending({"status": status}) if status.get("phase") == "Pending" else ""
    return Pod(node, pod["metadata"]["name"], waits, died, bool(before and not now))


def _death(state: Json) -> str:
    over = state.get("terminated")
    if not over or over["exitCode"] == 0:
        return ""
    # What no program of the image has said: that there is none to start.
    said = f": {over['message'].strip()}" if over.get("message") else ""
    return f"{over.get('reason', 'Error')}, exit code {over['exitCode']}{said}"
