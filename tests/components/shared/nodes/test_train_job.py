"""A TrainJob for a pod that a real cluster had; its shape is that of Kubeflow Trainer 2.3."""

import json
from typing import Any

import pytest
from support.trainer import own_pod

from components.shared.nodes.train_job import NODE_GPUS, Wanted, train_job

WANTED = Wanted("devise-pretrain-visual-k", 3, 0, ("python", "-m", "node"))


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (NODE_GPUS, "DEVISE_SCRATCH"):
        monkeypatch.delenv(name, raising=False)


def pod_patch(job: dict[str, Any]) -> dict[str, Any]:
    (patch,) = job["spec"]["runtimePatches"]
    (node,) = patch["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"]
    assert node["name"] == "node"
    found: dict[str, Any] = node["template"]["spec"]["template"]
    return found


def test_nodes_are_as_the_stage_is() -> None:
    job = train_job(WANTED, own_pod())
    assert job["metadata"]["name"] == WANTED.name
    spec, trainer = job["spec"], job["spec"]["trainer"]
    assert spec["runtimeRef"] == {"name": "torch-distributed"}
    assert spec["activeDeadlineSeconds"] == 21600
    assert trainer["image"] == "local/devise-pretrain-visual:house3"
    assert (trainer["numNodes"], trainer["numProcPerNode"]) == (3, 1)
    assert trainer["command"] == ["python", "-m", "node"]
    assert trainer["resourcesPerNode"] == {
        "limits": {"cpu": "2", "memory": "2Gi"},
        "requests": {"cpu": "200m", "memory": "2Gi"},
    }
    pods = pod_patch(job)
    assert pods["metadata"]["annotations"] == {"sidecar.istio.io/inject": "false"}
    assert pods["spec"]["serviceAccountName"] == "pipeline-runner"
    assert pods["spec"]["containers"][0]["securityContext"]["runAsUser"] == 1000


def test_what_opens_the_object_store_stays_in_its_secret() -> None:
    job = train_job(WANTED, own_pod())
    env = {one["name"]: one for one in job["spec"]["trainer"]["env"]}
    assert env["AWS_SECRET_ACCESS_KEY"]["valueFrom"]["secretKeyRef"]["key"] == "secretkey"
    assert env["AWS_ENDPOINT_URL"]["value"] == "http://seaweedfs.kubeflow:9000"


def test_nodes_are_told_nothing_that_is_the_stage_s_alone() -> None:
    names = [one["name"] for one in train_job(WANTED, own_pod())["spec"]["trainer"]["env"]]
    assert [name for name in names if name.startswith(("ARGO", "KFP", "MLFLOW", "PET"))] == []
    assert "kube-api-access" not in json.dumps(train_job(WANTED, own_pod()))


def test_each_node_has_the_gpus_that_the_stage_does_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NODE_GPUS, "4")
    trainer = train_job(WANTED, own_pod())["spec"]["trainer"]
    assert trainer["numProcPerNode"] == 4
    assert trainer["resourcesPerNode"]["limits"]["nvidia.com/gpu"] == "4"
    assert trainer["resourcesPerNode"]["requests"]["nvidia.com/gpu"] == "4"
    wanted = Wanted(WANTED.name, 3, 2, WANTED.command)
    assert train_job(wanted, own_pod())["spec"]["trainer"]["numProcPerNode"] == 2


def test_volumes_are_those_of_the_task_and_no_platform_s(monkeypatch: pytest.MonkeyPatch) -> None:
    pod = own_pod()
    claim = {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"]}}}
    pod["spec"]["volumes"] += [
        {"name": "shm", "emptyDir": {"medium": "Memory"}},
        {"name": "scratch", "ephemeral": claim},
    ]
    pod["spec"]["containers"][0]["volumeMounts"] += [
        {"name": "shm", "mountPath": "/dev/shm"},
        {"name": "scratch", "mountPath": "/scratch"},
    ]
    monkeypatch.setenv("DEVISE_SCRATCH", "/scratch")
    spec = pod_patch(train_job(WANTED, pod))["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["shm", "scratch"]
    mounts = [mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]]
    assert mounts == ["/dev/shm", "/scratch"]


def test_nodes_go_where_the_stage_may_go() -> None:
    pod = own_pod()
    place = {"nodeSelector": {"pool": "gpu"}, "imagePullSecrets": [{"name": "mine"}]}
    pod["spec"] |= place
    spec = pod_patch(train_job(WANTED, pod))["spec"]
    assert spec.items() >= place.items()
    assert spec["tolerations"] == pod["spec"]["tolerations"]
