"""Why a run's pods do not start, which Kubeflow's own pages do not say: read from the cluster."""

import re
from collections.abc import Mapping
from typing import Any

from components.shared.kube.api import Cluster, Unreadable
from components.shared.kube.pending import why_pending
from pipeline.cluster.tasks import nodes_of

NODE = "workflows.argoproj.io/node-name"
_OF_QUOTA = re.compile(r"(?:exceeded|failed) quota: .*")

Json = Mapping[str, Any]


def waiting(cluster: Cluster, namespace: str, run_id: str) -> dict[str, str]:
    """Why stages of a run wait, by stage; empty where none does.

    Raises:
        Unreadable: We may not read the namespace's pods.
    """
    pods = cluster.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=of_run(run_id))
    found: dict[str, str] = {}
    for pod in (pod for pod in pods if pod["status"].get("phase") == "Pending"):
        why = why_pending(pod) or _last_warning(cluster, namespace, pod["metadata"]["name"])
        found[_stage(_node_name(pod))] = why
    found |= dict(refused_pods(workflow_of(cluster, namespace, run_id) or {}))
    return {stage: why for stage, why in found.items() if why}


def workflow_of(cluster: Cluster, namespace: str, run_id: str) -> Json | None:
    """The workflow that a run is; None where it is not there any more, or not to be read."""
    place = f"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/workflows"
    try:
        return next(iter(cluster.items(place, labelSelector=of_run(run_id))), None)
    except Unreadable:
        # Who may read pods may not always read workflows.
        return None


def of_run(run_id: str) -> str:
    """The selector of what belongs to a run."""
    return f"pipeline/runid={run_id}"


def refused_pods(workflow: Json) -> list[tuple[str, str]]:
    """The stages whose pods a quota keeps from being made, and what the quota says."""
    held = [node for node in nodes_of(workflow).values() if node["phase"] in ("Pending", "Error")]
    told = [(node, _OF_QUOTA.search(node.get("message", ""))) for node in held]
    return [(_stage(node["name"]), f"the quota refuses it: {say[0]}") for node, say in told if say]


def _last_warning(cluster: Cluster, namespace: str, pod: str) -> str:
    """What else the cluster says of a pod, such as that a secret to mount is not there."""
    events = cluster.items(
        f"/api/v1/namespaces/{namespace}/events",
        fieldSelector=f"involvedObject.name={pod},type=Warning",
    )
    latest = sorted(events, key=lambda event: str(event.get("lastTimestamp") or ""))[-1:]
    return f"{latest[0]['reason']}: {latest[0]['message']}" if latest else ""


def _node_name(pod: Json) -> str:
    metadata = pod["metadata"]
    return str(metadata.get("annotations", {}).get(NODE, metadata["name"]))


def _stage(node_name: str) -> str:
    """The stage in a node's name, such as `devise-x(0).root(0).evaluate(0).executor(0)`."""
    parts = [part.split("(")[0] for part in node_name.split(".")]
    return parts[-2] if parts[-1] == "executor" and len(parts) > 1 else parts[-1]
