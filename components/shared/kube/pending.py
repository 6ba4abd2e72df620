"""Why a pod has not started, out of what the cluster says of it."""

import re
from collections.abc import Mapping
from typing import Any

GPU = "nvidia.com/gpu"
UNPULLED = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
ON_THE_WAY = ("ContainerCreating", "PodInitializing")
_SCHEDULER = re.compile(r"0/(\d+) nodes are available: (.*?)\.(?: |$)")
_INSUFFICIENT = re.compile(r"\d+ Insufficient ([^\s,]+)")

Json = Mapping[str, Any]


def why_pending(pod: Json) -> str:
    """Why a pod has not started, from its own status; empty where that does not say."""
    status = pod["status"]
    for container in [*status.get("initContainerStatuses", []), *_containers(status)]:
        state = container["state"].get("waiting", {})
        reason = state.get("reason", "")
        if reason in UNPULLED:
            return f"image cannot be pulled: {container['image']}"
        if reason and reason not in ON_THE_WAY:
            return f"{reason}: {state.get('message', 'no reason given')}"
    for condition in status.get("conditions", []):
        if condition.get("reason") == "Unschedulable":
            return why_unschedulable(condition.get("message", ""))
    return ""


def why_unschedulable(message: str) -> str:
    """The scheduler's message in fewer words."""
    found = _SCHEDULER.match(message)
    if not found:
        return f"cannot be scheduled: {message}"
    nodes, reasons = found.groups()
    missing = sorted(set(_INSUFFICIENT.findall(reasons)))
    if GPU in missing:
        return f"waits for a GPU: 0 of {nodes} nodes have one free ({reasons})"
    if missing:
        return f"waits for {' and '.join(missing)}: 0 of {nodes} nodes have enough ({reasons})"
    return f"fits on 0 of {nodes} nodes: {reasons}"


def _containers(status: Json) -> list[Json]:
    return list(status.get("containerStatuses", []))
