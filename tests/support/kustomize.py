"""What kubectl makes of the project's kustomizations."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

KSERVE = "InferenceService"
KSERVES_OWN = {"minReplicas", "maxReplicas", "timeout", "containerConcurrency"}
"""What a predictor has beside the fields of a pod."""
MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
OVERLAYS = sorted(path.parent.name for path in MANIFESTS.glob("overlays/*/kustomization.yaml"))


def kustomize(folder: Path) -> list[dict[str, Any]]:
    """The objects that a kustomization makes, as kubectl gives them; skips where there is none."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("no kubectl on this machine")
    done = subprocess.run(
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def copied(to: Path) -> Path:
    """The manifests in another place, with the files that people fill in."""
    copy = to / "manifests"
    shutil.copytree(MANIFESTS, copy, ignore=shutil.ignore_patterns("object-store.env"))
    for example in copy.rglob("*.env.example"):
        filled = example.read_text().replace("=\n", "=x\n")
        example.with_suffix("").write_text(filled)
    return copy


def pod_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """The pod that an object makes, if it makes one."""
    if document["kind"] == KSERVE:
        predictor = document["spec"]["predictor"]
        return {name: value for name, value in predictor.items() if name not in KSERVES_OWN}
    template = document.get("spec", {}).get("template")
    return template["spec"] if template else None


def validate(document: dict[str, Any]) -> None:
    """Check an object against Kubernetes' schemas; of an InferenceService the pod that it makes."""
    if document["kind"] == KSERVE:
        assert document["apiVersion"] == "serving.kserve.io/v1beta1"
        assert set(document["spec"]) == {"predictor"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": document["metadata"]}
        document = {**pod, "spec": pod_of(document)}
    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
