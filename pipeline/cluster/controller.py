"""Whether a cluster tries failed tasks again: a setting of Argo's controller, where it is readable.

Argo merges its `templateDefaults` into every template. As Kubeflow ships them they let no task be
tried again after an exit code, an exception or a lack of memory, whatever the pipeline asks for.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import yaml

from components.shared.kube.api import Cluster, Unreadable, reach
from pipeline.cluster.connection import SYSTEM_NAMESPACE

CONFIG_MAP = "workflow-controller-configmap"
WARNING = (
    "This cluster does not try failed tasks again (templateDefaults.retryStrategy of the workflow "
    "controller): have its administrator apply manifests/kfp-retries."
)


def retry_warning() -> str:
    """What to say of the cluster's retry policy; empty where it is right or may not be read."""
    try:
        with closing(reach()) as cluster:
            settings = read(cluster)
    except Unreadable:
        return ""
    return "" if retries(settings) else WARNING


def read(cluster: Cluster) -> Mapping[str, Any]:
    """The controller's settings.

    Raises:
        Unreadable: We may not read them.
    """
    path = f"/api/v1/namespaces/{SYSTEM_NAMESPACE}/configmaps/{CONFIG_MAP}"
    return dict(cluster.get(path).get("data", {}))


def retries(settings: Mapping[str, Any]) -> bool:
    """Whether tasks that fail in any way are tried again as the pipeline says.

    Args:
        settings: The controller's `data`.
    """
    defaults = yaml.safe_load(settings.get("workflowDefaults", "")) or {}
    strategy = defaults.get("spec", {}).get("templateDefaults", {}).get("retryStrategy")
    if not strategy:
        return True
    return str(strategy.get("limit", "0")) == "0" and strategy.get("retryPolicy") == "Always"
