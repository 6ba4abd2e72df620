"""The files of manifests/, without kubectl."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.kustomize import MANIFESTS, pod_of, validate

KUSTOMIZATIONS = sorted(MANIFESTS.rglob("kustomization.yaml"))
PATCHES = {
    path.parent / patch["path"]
    for path in KUSTOMIZATIONS
    for patch in yaml.safe_load(path.read_text()).get("patches", [])
    if "path" in patch
}
MADE_BY_HAND = {MANIFESTS / "kfp-retries" / "installed.yaml"}
RESOURCES = sorted(set(MANIFESTS.rglob("*.yaml")) - {*KUSTOMIZATIONS, *PATCHES, *MADE_BY_HAND})


def name(path: Path) -> str:
    return path.relative_to(MANIFESTS).as_posix()


def documents(path: Path) -> list[dict[str, Any]]:
    return [found for found in yaml.safe_load_all(path.read_text()) if found]


def variables(path: Path) -> Iterator[dict[str, Any]]:
    """The environment of every container that a file has."""
    for document in documents(path):
        pod = pod_of(document)
        for container in pod["containers"] if pod else []:
            yield from container["env"]


@pytest.mark.parametrize("path", RESOURCES, ids=name)
def test_every_object_is_valid_against_the_kubernetes_schemas(path: Path) -> None:
    for document in documents(path):
        validate(document)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=name)
def test_a_kustomization_names_files_that_are_there(path: Path) -> None:
    (content,) = documents(path)
    named = [*content.get("resources", []), *content.get("components", [])]
    for target in (path.parent / item for item in named):
        known = target.is_file() or target in MADE_BY_HAND
        assert known or (target / "kustomization.yaml").is_file(), target
    for generator in content.get("secretGenerator", []):
        for file in generator["envs"]:
            assert (path.parent / f"{file}.example").is_file()


def test_every_object_is_listed_beside_it() -> None:
    for path in RESOURCES:
        (content,) = documents(path.parent / "kustomization.yaml")
        assert path.name in content["resources"], path


def test_no_secret_has_a_value_here() -> None:
    for path in RESOURCES:
        assert "Secret" not in {document["kind"] for document in documents(path)}
    for path in KUSTOMIZATIONS:
        for generator in documents(path)[0].get("secretGenerator", []):
            assert "literals" not in generator
            assert "files" not in generator
    for path in MANIFESTS.rglob("*.env.example"):
        assert all(line.endswith("=") for line in path.read_text().split())
    ignored = (MANIFESTS / ".gitignore").read_text().split()
    assert {"object-store.env", "installed.yaml"} <= set(ignored)


def test_credentials_come_from_secrets() -> None:
    found = [entry for path in (*RESOURCES, *PATCHES) for entry in variables(path)]
    keys = [entry for entry in found if "KEY" in entry["name"] or "TOKEN" in entry["name"]]
    assert len(keys) == 10
    assert all(set(entry["valueFrom"]) == {"secretKeyRef"} for entry in keys)
