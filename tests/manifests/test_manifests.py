import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

MANIFESTS = Path(__file__).resolve().parents[2] / "manifests"
KUSTOMIZATIONS = sorted(MANIFESTS.rglob("kustomization.yaml"))
RESOURCES = sorted(set(MANIFESTS.rglob("*.yaml")) - set(KUSTOMIZATIONS))
OVERLAYS = sorted(path for path in (MANIFESTS / "overlays").iterdir() if path.is_dir())


def name(path: Path) -> str:
    return path.relative_to(MANIFESTS).as_posix()


def documents(path: Path) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(path.read_text()) if found]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every pod specification, with the name of what makes the pod."""
    for path in RESOURCES:
        for document in documents(path):
            template = document.get("spec", {}).get("template")
            if template:
                yield document["metadata"]["name"], template["spec"]


def kustomize(folder: Path) -> list[dict[str, Any]]:
    """The objects that an overlay makes, as kubectl gives them; skips where there is none."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("no kubectl on this machine")
    done = subprocess.run(
        [kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


@pytest.mark.parametrize("path", RESOURCES, ids=name)
def test_every_object_is_valid_against_the_kubernetes_schemas(path: Path) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=name)
def test_a_kustomization_names_files_that_are_there(path: Path) -> None:
    (content,) = documents(path)
    for resource in content["resources"]:
        target = path.parent / resource
        assert target.is_file() or (target / "kustomization.yaml").is_file(), resource
    for generator in content.get("secretGenerator", []):
        for file in generator["envs"]:
            assert (path.parent / f"{file}.example").is_file()


def test_every_object_of_the_base_is_listed() -> None:
    (content,) = documents(MANIFESTS / "base" / "kustomization.yaml")
    files = {path.name for path in (MANIFESTS / "base").glob("*.yaml")}
    assert set(content["resources"]) == files - {"kustomization.yaml"}


def test_no_secret_has_a_value_here() -> None:
    for path in RESOURCES:
        assert "Secret" not in {document["kind"] for document in documents(path)}
    for path in KUSTOMIZATIONS:
        for generator in documents(path)[0].get("secretGenerator", []):
            assert "literals" not in generator
            assert "files" not in generator
    for path in MANIFESTS.rglob("*.env.example"):
        assert all(line.endswith("=") for line in path.read_text().split())
    assert "object-store.env" in (MANIFESTS / ".gitignore").read_text().split()


def test_credentials_come_from_secrets() -> None:
    found = [entry for _, pod in pods() for c in pod["containers"] for entry in c["env"]]
    keys = [entry for entry in found if "KEY" in entry["name"]]
    assert len(keys) == 4
    assert all(set(entry["valueFrom"]) == {"secretKeyRef"} for entry in keys)


def test_no_pod_runs_as_root_or_without_limits() -> None:
    for owner, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True, owner
        assert pod["securityContext"]["runAsUser"] > 0, owner
        assert pod["automountServiceAccountToken"] is False, owner
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False, owner
            assert security["readOnlyRootFilesystem"] is True, owner
            assert security["capabilities"] == {"drop": ["ALL"]}, owner
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}, owner


def test_the_bindings_give_roles_that_are_there() -> None:
    objects = documents(MANIFESTS / "base" / "rights.yaml")
    roles = {(o["kind"], o["metadata"]["name"]) for o in objects if o["kind"].endswith("Role")}
    given = {(o["roleRef"]["kind"], o["roleRef"]["name"]) for o in objects if "roleRef" in o}
    assert given == roles


def test_pipeline_runs_may_start_and_follow_a_train_job() -> None:
    rules = [r for o in documents(MANIFESTS / "base" / "rights.yaml") for r in o.get("rules", [])]
    allowed = {
        (resource, verb) for r in rules for resource in r["resources"] for verb in r["verbs"]
    }
    assert {("trainjobs", verb) for verb in ("create", "get", "watch", "delete")} <= allowed
    for resource in ("trainingruntimes", "clustertrainingruntimes", "pods", "pods/log", "events"):
        assert (resource, "get") in allowed


@pytest.mark.parametrize("overlay", OVERLAYS, ids=name)
def test_an_overlay_as_kustomize_makes_it_is_valid(overlay: Path, tmp_path: Path) -> None:
    shutil.copytree(MANIFESTS, tmp_path / "manifests")
    copy = tmp_path / "manifests" / "overlays" / overlay.name
    for example in copy.glob("*.env.example"):
        example.with_suffix("").write_text("accesskey=a\nsecretkey=b\n")
    objects = kustomize(copy)
    assert {"Deployment", "Job", "Role", "RoleBinding", "NetworkPolicy"} <= {
        o["kind"] for o in objects
    }
    for document in objects:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
        if not document["kind"].startswith("Cluster"):
            assert document["metadata"]["namespace"]


def test_the_profile_overlay_binds_the_profiles_own_account() -> None:
    bindings = [
        o for o in kustomize(MANIFESTS / "overlays" / "profile") if o["kind"].endswith("Binding")
    ]
    subjects = [subject for binding in bindings for subject in binding["subjects"]]
    assert {s["name"] for s in subjects} == {"default-editor"}
    assert {s["namespace"] for s in subjects if "namespace" in s} == {"team"}
