"""The InferenceService of KServe, as kubectl makes it."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from support.kustomize import copied, kustomize, pod_of, validate

from components.register_model.registry import ALIAS
from components.shared.execution.stage import image_repository
from components.shared.settings.register import RegisterSettings


@pytest.fixture
def service(tmp_path: Path) -> dict[str, Any]:
    (found,) = kustomize(copied(tmp_path) / "serving")
    return found


def container_of(service: dict[str, Any]) -> dict[str, Any]:
    (found,) = (pod_of(service) or {})["containers"]
    return dict(found)


def test_it_is_a_valid_pod_in_the_namespace_of_mlflow(service: dict[str, Any]) -> None:
    validate(service)
    assert service["metadata"]["namespace"] == "kubeflow"


def test_its_image_is_that_of_register_model_with_the_name_that_is_filled_in(
    service: dict[str, Any],
) -> None:
    repository = image_repository("register_model")
    assert container_of(service)["image"] == f"registry.example.com/{repository}:to-be-set"


def test_it_serves_the_registered_champion_of_the_namespaces_mlflow(
    service: dict[str, Any], project: Path
) -> None:
    container = container_of(service)
    name = RegisterSettings().model_name
    assert f"--model-uri=models:/{name}@{ALIAS}" in container["command"]
    environment = {entry["name"]: entry["value"] for entry in container["env"]}
    mlflow = yaml.safe_load_all((project / "manifests" / "base" / "mlflow.yaml").read_text())
    (server,) = (found for found in mlflow if found["kind"] == "Service")
    port = server["spec"]["ports"][0]["port"]
    assert environment["MLFLOW_TRACKING_URI"] == f"http://{server['metadata']['name']}:{port}"


def test_its_pod_passes_the_standard_restricted_and_has_limits(service: dict[str, Any]) -> None:
    pod, container = pod_of(service) or {}, container_of(service)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for kind in ("requests", "limits"):
        assert set(container["resources"][kind]) == {"cpu", "memory"}
