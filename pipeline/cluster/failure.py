"""What a failed stage itself said, out of its pod's log."""

import re

from kfp_server_api import ApiException

from components.shared.kube.api import Cluster, Unreadable
from pipeline.cluster.connection import Kubeflow
from pipeline.cluster.tasks import Failure

LINES = 4
"""Of the end of a log, where it has no traceback."""
NODE_ID = "workflows.argoproj.io/node-id"
_OF_LAUNCHER = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.|time=|Error: exit status")
_TRACEBACK = "Traceback (most recent call last):\n"
_ENDED = re.compile(r"Component failed to execute successfully: (.*)")


def message(kubeflow: Kubeflow, cluster: Cluster | None, run_id: str, failure: Failure) -> str:
    """The error that a failed pod's log ends with; empty where no log can be read."""
    for node in reversed(failure.nodes):
        log = _from_kubeflow(kubeflow, run_id, node)
        if not log and cluster:
            log = _from_cluster(cluster, kubeflow.run_namespace, run_id, node)
        if log:
            return error_in(log)
    return ""


def error_in(log: str) -> str:
    """What went wrong, as a component's log has it: the exception's own words.

    Args:
        log: Of a pod: the component's lines among those of Kubeflow's launcher.
    """
    own = "".join(f"{line}\n" for line in log.splitlines() if not _OF_LAUNCHER.match(line))
    if _TRACEBACK in own:
        lines = own.rsplit(_TRACEBACK, 1)[-1].splitlines()
        after = [number for number, line in enumerate(lines) if line[:1].strip()]
        return "\n".join(lines[after[0] :]).strip() if after else lines[-1]
    ended = _ENDED.findall(log)
    return "\n".join([*own.strip().splitlines()[-LINES:], *ended[-1:]])


def _from_kubeflow(kubeflow: Kubeflow, run_id: str, node: str) -> str:
    """The log by Kubeflow's API, which gateways often do not pass on; empty then."""
    api = kubeflow.client._run_api.api_client
    try:
        response = api.call_api(
            f"/apis/v1alpha1/runs/{run_id}/nodes/{node}/log", "GET", response_type="str",
            auth_settings=["Bearer"], _return_http_data_only=True,
        )  # fmt: skip
    except (ValueError, ApiException):
        return ""
    # A gateway answers with a page; the API says that there is no log with "200 OK".
    return "" if str(response).startswith(("<", "{'error_message'")) else str(response)


def _from_cluster(cluster: Cluster, namespace: str, run_id: str, node: str) -> str:
    place = f"/api/v1/namespaces/{namespace}/pods"
    try:
        pods = cluster.items(place, labelSelector=f"pipeline/runid={run_id}")
        names = [
            pod["metadata"]["name"]
            for pod in pods
            if pod["metadata"].get("annotations", {}).get(NODE_ID) == node
        ]
        return cluster.text(f"{place}/{names[0]}/log", container="main") if names else ""
    except Unreadable:
        return ""
