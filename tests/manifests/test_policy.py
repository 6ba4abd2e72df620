"""What a cluster's policies ask of the objects, as kubectl makes them of the kustomizations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from support.kustomize import OVERLAYS, copied, kustomize, pod_of

from pipeline.cluster.sizes import SIZES

FOR_WHO_RUNS_THE_CLUSTER = {"ClusterRole", "ClusterRoleBinding", "ResourceQuota", "LimitRange"}


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    return copied(tmp_path)


def pods(objects: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    yield from filter(None, map(pod_of, objects))


def of_kind(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [found for found in objects if found["kind"] == kind]


def quantity(text: str) -> float:
    """A number as Kubernetes writes it."""
    for unit, size in {"m": 1e-3, "Gi": 2.0**30, "Ti": 2.0**40}.items():
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * size
    return float(text)


def environment(objects: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    (workload,) = of_kind(objects, kind)
    return {
        entry["name"]: entry
        for entry in workload["spec"]["template"]["spec"]["containers"][0]["env"]
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_valid_and_in_one_namespace(manifests: Path, overlay: str) -> None:
    objects = kustomize(manifests / "overlays" / overlay)
    for document in objects:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    assert {"Deployment", "PersistentVolumeClaim", "NetworkPolicy"} <= {o["kind"] for o in objects}
    assert len({document["metadata"]["namespace"] for document in objects}) == 1


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_takes_no_right_that_a_namespaces_owner_lacks(
    manifests: Path, overlay: str
) -> None:
    kinds = {found["kind"] for found in kustomize(manifests / "overlays" / overlay)}
    assert not kinds & FOR_WHO_RUNS_THE_CLUSTER
    assert not kinds & {"Role", "RoleBinding"}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_asks_for_what_it_needs_and_has_a_limit(
    manifests: Path, overlay: str
) -> None:
    for pod in pods(kustomize(manifests / "overlays" / overlay)):
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}, container["name"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_passes_the_standard_restricted(manifests: Path, overlay: str) -> None:
    for pod in pods(kustomize(manifests / "overlays" / overlay)):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in (*pod.get("initContainers", []), *pod["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
        volumes = {kind for volume in pod.get("volumes", []) for kind in volume if kind != "name"}
        assert volumes <= {"persistentVolumeClaim", "emptyDir", "configMap", "secret", "projected"}


def test_a_profile_keeps_to_its_own_prefix_and_makes_no_bucket(manifests: Path) -> None:
    objects = kustomize(manifests / "overlays" / "profile")
    assert not of_kind(objects, "Job")
    found = environment(objects, "Deployment")
    assert found["MLFLOW_ARTIFACTS_DESTINATION"]["value"] == (
        "s3://mlpipeline/private/$(POD_NAMESPACE)/mlflow"
    )
    # Kubernetes puts in only what stands before.
    assert list(found).index("POD_NAMESPACE") < list(found).index("MLFLOW_ARTIFACTS_DESTINATION")


def test_single_user_makes_the_buckets(manifests: Path) -> None:
    objects = kustomize(manifests / "overlays" / "single-user")
    assert len(of_kind(objects, "Job")) == 1
    assert (
        environment(objects, "Deployment")["MLFLOW_ARTIFACTS_DESTINATION"]["value"] == "s3://mlflow"
    )


@pytest.mark.parametrize(
    ("kind", "region"), [("Deployment", "AWS_DEFAULT_REGION"), ("Job", "AWS_REGION")]
)
def test_an_own_object_store_takes_region_token_and_no_keys_at_all(
    manifests: Path, kind: str, region: str
) -> None:
    objects = kustomize(manifests / "overlays" / "own-object-store")
    found = environment(objects, kind)
    wanted = {
        "AWS_ACCESS_KEY_ID": "accesskey",
        "AWS_SECRET_ACCESS_KEY": "secretkey",
        "AWS_SESSION_TOKEN": "sessiontoken",
        region: "region",
    }
    for variable, key in wanted.items():
        reference = {"name": "devise-object-store", "key": key, "optional": True}
        assert found[variable]["valueFrom"] == {"secretKeyRef": reference}
    accounts = {pod["serviceAccountName"] for pod in pods(objects)}
    assert accounts == {found["metadata"]["name"] for found in of_kind(objects, "ServiceAccount")}


def test_images_may_be_pulled_with_a_secret(manifests: Path) -> None:
    file = manifests / "overlays" / "single-user" / "kustomization.yaml"
    content = yaml.safe_load(file.read_text())
    content["components"].append("../../components/image-pull-secret")
    file.write_text(yaml.safe_dump(content))
    secrets = [pod.get("imagePullSecrets") for pod in pods(kustomize(file.parent))]
    assert secrets == [[{"name": "devise-registry"}]] * 2


def test_a_quota_comes_with_requests_for_containers_that_have_none(manifests: Path) -> None:
    objects = kustomize(manifests / "components" / "quota")
    (quota,), (limits,) = of_kind(objects, "ResourceQuota"), of_kind(objects, "LimitRange")
    counted = {kind for kind in ("cpu", "memory") if f"requests.{kind}" in quota["spec"]["hard"]}
    (limit,) = limits["spec"]["limits"]
    assert limit["type"] == "Container"
    assert set(limit["defaultRequest"]) == counted == {"cpu", "memory"}
    assert not any("limits." in name for name in quota["spec"]["hard"])


@pytest.mark.parametrize("size", SIZES)
def test_every_task_of_every_size_fits_the_quota(manifests: Path, size: str) -> None:
    (quota,) = of_kind(kustomize(manifests / "components" / "quota"), "ResourceQuota")
    hard = {name: quantity(value) for name, value in quota["spec"]["hard"].items()}
    mlflow = 10 * 2**30
    for wanted in SIZES[size].values():
        assert quantity(wanted.requested_cpu or wanted.cpu) < hard["requests.cpu"]
        assert quantity(wanted.memory) < hard["requests.memory"]
        assert wanted.gpus <= hard["requests.nvidia.com/gpu"]
        assert quantity(wanted.scratch or "0") + mlflow <= hard["requests.storage"]


def test_train_jobs_binds_the_accounts_of_the_namespace_it_is_made_for(manifests: Path) -> None:
    folder = manifests / "components" / "train-jobs"
    file = folder / "kustomization.yaml"
    file.write_text(file.read_text().replace("namespace: kubeflow", "namespace: team"))
    objects = kustomize(folder)
    assert "NAMESPACE" not in yaml.safe_dump(objects)
    bindings = [found for found in objects if "subjects" in found]
    subjects = {(s["name"], s["namespace"]) for found in bindings for s in found["subjects"]}
    assert subjects == {("pipeline-runner", "team"), ("default-editor", "team")}
    roles = {(found["kind"], found["metadata"]["name"]) for found in objects if "rules" in found}
    assert roles == {(b["roleRef"]["kind"], b["roleRef"]["name"]) for b in bindings}


def test_pipeline_runs_may_do_what_a_train_job_takes_and_no_more(manifests: Path) -> None:
    objects = kustomize(manifests / "components" / "train-jobs")
    rules = [rule for found in objects for rule in found.get("rules", [])]
    allowed = {
        (resource, verb) for r in rules for resource in r["resources"] for verb in r["verbs"]
    }
    jobs = {("trainjobs", verb) for verb in ("create", "get", "delete")}
    pods = {("pods", "get"), ("pods", "list"), ("pods/log", "get"), ("events", "list")}
    assert allowed == jobs | pods
