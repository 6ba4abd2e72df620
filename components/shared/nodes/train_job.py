"""A TrainJob whose pods are as the stage's own: image, resources, secrets, volumes, place.

Secrets stay references: what opens the object store stands in no object of the cluster.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.shared.execution.pod import SCRATCH
from components.shared.kube.pending import GPU

API = "trainer.kubeflow.org/v1alpha1"
RUNTIME = "torch-distributed"
CONTAINER, REPLICATED_JOB = "node", "node"
"""What that runtime calls the nodes, and in each its container."""
MANAGER = "devise.pipelines/stage"
SHARED_MEMORY = "/dev/shm"
NODE_GPUS = "DEVISE_NODE_GPUS"
"""In the stage's environment: GPUs of a node. The stage itself, which waits, asks for none."""
OF_THE_STAGE_ALONE = ("ARGO_", "KFP_", "MLFLOW_", "PET_")
"""Beginnings of variables that a node has no use for."""
COPIED = ("serviceAccountName", "nodeSelector", "tolerations", "affinity", "imagePullSecrets")
NO_SIDECAR = {"sidecar.istio.io/inject": "false"}
"""As Kubeflow Pipelines gives its own pods: a sidecar stands between the nodes, and never ends."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What a TrainJob is to be.

    Attributes:
        name: Its name.
        nodes: How many there are.
        processes: Of each node; 0: as many as it has GPUs, and one without.
        command: What each does.
    """

    name: str
    nodes: int
    processes: int
    command: Sequence[str]


def train_job(wanted: Wanted, pod: Json) -> dict[str, Any]:
    """Return the TrainJob, as Kubeflow Trainer 2.2 and later read it.

    Args:
        wanted: What it is to be.
        pod: The stage's own, as the cluster has it.
    """
    main = main_container(pod)
    gpus = int(os.environ.get(NODE_GPUS) or 0)
    spec = {
        "runtimeRef": {"name": RUNTIME},
        "trainer": {
            "image": main["image"],
            "command": list(wanted.command),
            "numNodes": wanted.nodes,
            "numProcPerNode": wanted.processes or max(1, gpus),
            "resourcesPerNode": _resources(main.get("resources", {}), gpus),
            "env": [one for one in main.get("env", []) if _is_for_nodes(one["name"])],
        },
        "runtimePatches": [_patch(pod, main)],
    }
    if limit := pod["spec"].get("activeDeadlineSeconds"):
        spec["activeDeadlineSeconds"] = limit
    labels = {"app.kubernetes.io/part-of": "devise"}
    metadata = {"name": wanted.name, "labels": labels}
    return {"apiVersion": API, "kind": "TrainJob", "metadata": metadata, "spec": spec}


def main_container(pod: Json) -> Json:
    """The container of a pipeline's task that does its work."""
    return next(one for one in pod["spec"]["containers"] if one["name"] == "main")


def _is_for_nodes(variable: str) -> bool:
    return not variable.startswith(OF_THE_STAGE_ALONE)


def _resources(own: Json, gpus: int) -> dict[str, Any]:
    given = {kind: dict(own.get(kind, {})) for kind in ("requests", "limits")}
    for amounts in given.values():
        amounts.pop(GPU, None)
        if gpus:
            amounts[GPU] = str(gpus)
    return {kind: amounts for kind, amounts in given.items() if amounts}


def _patch(pod: Json, main: Json) -> dict[str, Any]:
    own = pod["spec"]
    mounts = list(_mounts(main))
    names = {mount["name"] for mount in mounts}
    container = {
        "name": CONTAINER,
        "volumeMounts": mounts,
        "securityContext": main.get("securityContext"),
    }
    spec = {
        **{name: own[name] for name in COPIED if own.get(name)},
        "securityContext": own.get("securityContext"),
        "volumes": [volume for volume in own.get("volumes", []) if volume["name"] in names],
        "containers": [_filled(container)],
    }
    template = {"metadata": {"annotations": NO_SIDECAR, "labels": NO_SIDECAR}}
    pods = {**template, "spec": _filled(spec)}
    jobs = [{"name": REPLICATED_JOB, "template": {"spec": {"template": pods}}}]
    return {
        "manager": MANAGER,
        "trainingRuntimeSpec": {"template": {"spec": {"replicatedJobs": jobs}}},
    }


def _mounts(main: Json) -> Iterator[Json]:
    """The mounts of the task's own volumes: the others are Argo's and Kubeflow's."""
    wanted = (SHARED_MEMORY, os.environ.get(SCRATCH))
    return (one for one in main.get("volumeMounts", []) if one["mountPath"] in wanted)


def _filled(fields: Json) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
