"""Parts of a pipeline as it was compiled for a cluster."""

from typing import Any

Compiled = tuple[dict[str, Any], dict[str, Any]]
"""The pipeline's specification, and what Kubernetes is told of each executor."""


def executors(specification: dict[str, Any]) -> dict[str, Any]:
    return dict(specification["deploymentSpec"]["executors"])


def stage_of(executor: dict[str, Any]) -> str:
    image = str(executor["container"]["image"])
    return image.split("/")[-1].split(":")[0].removeprefix("devise-").replace("-", "_")


def tasks(specification: dict[str, Any]) -> dict[str, Any]:
    inner = [c["dag"]["tasks"] for c in specification["components"].values() if "dag" in c]
    return {
        k: v for part in [specification["root"]["dag"]["tasks"], *inner] for k, v in part.items()
    }
