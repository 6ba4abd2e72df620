"""Builds the stages' images through the Docker engine, and pushes them to a registry."""

import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from docker.client import DockerClient
from docker.errors import APIError, BuildError, DockerException, ImageNotFound

from components.shared.execution.code_version import code_version
from components.shared.execution.progress import say
from pipeline.cluster.sizes import STAGES
from pipeline.image_names import MLFLOW_SERVER, image_name

ROOT = Path(__file__).resolve().parents[1]
ALL = (*STAGES, MLFLOW_SERVER)
_BUILD = "build the images with: python pipeline.py images"
CODE_LABEL = "devise.code"
# Settings of this machine that a build needs where packages come from an index of one's own.
PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@contextmanager
def engine() -> Iterator[Any]:
    """Give a client of the Docker engine that answers, closed at the end.

    Raises:
        ValueError: No engine answers.
    """
    try:
        _knock()
        client = DockerClient.from_env(timeout=600)
    except (DockerException, OSError) as error:
        raise ValueError(
            f"no Docker engine answers ({error}); start one or point DOCKER_HOST to it"
        ) from error
    with closing(client):
        yield client


def _knock() -> None:
    """Connect once to a local engine: docker-py leaves its socket open where none listens."""
    scheme, _, path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").partition("://")
    if scheme == "unix":
        with closing(socket.socket(socket.AF_UNIX)) as knocking:
            knocking.connect(path)


def build_images(
    registry: str = "",
    tag: str = "",
    base_image: str = "",
    push: bool = False,
    stages: Sequence[str] = ALL,
) -> list[str]:
    """Build the stages' images and, if asked, push them.

    Args:
        registry: What the names begin with; empty for images that stay on this machine.
        tag: What the names end with; empty for a hash of what each image holds.
        base_image: The image with Python that they build on; empty for the Dockerfile's own.
        push: Whether to push every image to the registry.
        stages: Which stages' images, and `mlflow_server` for the tracking server's.

    Returns:
        The images' names, in the order of the stages given.

    Raises:
        ValueError: An unknown stage, a push without a registry, no engine, or a failed build or
            push.
    """
    _check(registry, push, stages)
    names = {stage: image_name(stage, registry, tag) for stage in stages}
    arguments = build_arguments(base_image, os.environ)
    with engine() as client:
        for stage in (stage for stage in ALL if stage in names):
            say(f"building {names[stage]}")
            _build(client, stage, names[stage], arguments)
            if push:
                say(f"pushing {names[stage]}")
                _push(client, names[stage])
    return list(names.values())


def check_images(client: Any, registry: str = "", tag: str = "") -> None:
    """Refuse stages' images that are missing or hold other code than this project's.

    Raises:
        ValueError: An image is to be built anew; it is named.
    """
    for stage in STAGES:
        name = image_name(stage, registry, tag)
        try:
            labels = client.images.get(name).labels
        except ImageNotFound as error:
            raise ValueError(f"image {name} is not on this machine; {_BUILD}") from error
        if labels.get(CODE_LABEL) != code_version(stage):
            raise ValueError(f"image {name} holds other code than this folder; {_BUILD}")


def _check(registry: str, push: bool, stages: Sequence[str]) -> None:
    unknown = sorted(set(stages) - set(ALL))
    if unknown:
        raise ValueError(
            f"no image is that of a stage named {unknown[0]}; there are {', '.join(ALL)}"
        )
    if push and not registry:
        raise ValueError("images can only be pushed to a registry; name one with --registry")


def build_arguments(base_image: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the Dockerfile's arguments: the base image, and this machine's package index."""
    arguments = {name: environment[name] for name in PASSED_ON if environment.get(name)}
    return arguments | ({"BASE_IMAGE": base_image} if base_image else {})


def _build(client: Any, stage: str, name: str, arguments: dict[str, str]) -> None:
    try:
        events = client.api.build(
            path=str(ROOT),
            **_recipe(stage),
            labels={CODE_LABEL: "" if stage == MLFLOW_SERVER else code_version(stage)},
            tag=name,
            buildargs=arguments,
            rm=True,
            forcerm=True,
            decode=True,
        )
        _follow(events, f"building {name} failed")
    except (APIError, BuildError) as error:
        raise ValueError(f"building {name} failed: {error}") from error


def _recipe(stage: str) -> dict[str, str]:
    if stage == MLFLOW_SERVER:
        return {"dockerfile": "docker/mlflow.Dockerfile"}
    return {"dockerfile": "docker/Dockerfile", "target": stage.replace("_", "-")}


def _push(client: Any, name: str) -> None:
    try:
        _follow(client.api.push(name, stream=True, decode=True), f"pushing {name} failed")
    except APIError as error:
        raise ValueError(f"pushing {name} failed: {error}") from error


def _follow(events: Iterable[Mapping[str, Any]], failure: str) -> None:
    """Say every line of the engine's log; an error in it ends the work."""
    for event in events:
        if "error" in event:
            raise ValueError(f"{failure}: {str(event['error']).strip()}")
        line = str(event.get("stream", "")).rstrip()
        if line:
            say(line)
