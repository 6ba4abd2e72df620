"""Which pipeline runs are over, as the cluster says in which this pod is."""

import json
import os
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from components.shared.execution.progress import say

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""What a pod is given to ask its cluster with: token, namespace, ca.crt."""
RUN_LABEL = "pipeline/runid"
OVER = "workflows.argoproj.io/completed=true"
SECONDS = 10


def over(run_ids: Iterable[str]) -> set[str]:
    """Return those of these pipeline runs that ended, well or not, or were terminated.

    Outside a cluster, and where this pod may not read workflows, none is known to be over; neither
    is a run whose workflow was deleted, since other namespaces may report to the same MLflow.

    Args:
        run_ids: Kubeflow's.
    """
    wanted = ",".join(sorted(run_ids))
    if not wanted or not (ACCOUNT / "token").is_file():
        return set()
    try:
        found = _workflows(f"{RUN_LABEL} in ({wanted}),{OVER}")
    except OSError as error:
        say(f"open_run: the cluster does not say which runs are over ({error})")
        return set()
    return {str(workflow["metadata"]["labels"][RUN_LABEL]) for workflow in found}


def _workflows(selector: str) -> list[dict[str, dict[str, dict[str, str]]]]:
    host, port = (os.environ[f"KUBERNETES_SERVICE_{part}"] for part in ("HOST", "PORT"))
    address = f"[{host}]" if ":" in host else host
    place = f"namespaces/{_read('namespace')}/workflows"
    query = urllib.parse.urlencode({"labelSelector": selector})
    request = urllib.request.Request(
        f"https://{address}:{port}/apis/argoproj.io/v1alpha1/{place}?{query}",
        headers={"Authorization": f"Bearer {_read('token')}"},
    )
    trusted = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    with urllib.request.urlopen(request, timeout=SECONDS, context=trusted) as answer:
        return list(json.load(answer)["items"])


def _read(name: str) -> str:
    return (ACCOUNT / name).read_text(encoding="utf-8").strip()
