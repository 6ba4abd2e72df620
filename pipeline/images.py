"""Builds the stages' images through the Docker engine, and pushes them to a registry.

Builds go through the docker command: only BuildKit keeps a secret out of what it builds, and the
engine's own interface, which docker-py speaks, builds without it.
"""

import os
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from docker.client import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound

from components.shared.execution.code_version import code_version
from components.shared.execution.progress import say
from pipeline.base_image import BaseImage, find_base_image
from pipeline.cluster.sizes import STAGES
from pipeline.image_names import MLFLOW_SERVER, image_name
from pipeline.package_index import pip_conf_file

ROOT = Path(__file__).resolve().parents[1]
ALL = (*STAGES, MLFLOW_SERVER)
_BUILD = "build the images with: python pipeline.py images"
CODE_LABEL = "devise.code"
SBOM = "/opt/sbom.json"
"""Where an image lists its Python packages, as `pip inspect` writes it."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""Settings of this machine that a build needs too; Docker itself keeps them out of histories."""


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
    base_image: str,
    registry: str = "",
    tag: str = "",
    push: bool = False,
    stages: Sequence[str] = ALL,
) -> list[str]:
    """Build the stages' images and, if asked, push them.

    Args:
        base_image: The image with Python that they build on; its digest is looked up and written
            on them.
        registry: What the names begin with; empty for images that stay on this machine.
        tag: What the names end with; empty for a hash of what each image holds.
        push: Whether to push every image to the registry.
        stages: Which stages' images, and `mlflow_server` for the tracking server's.

    Returns:
        The images' names, in the order of the stages given.

    Raises:
        ValueError: An unknown stage, a push without a registry, no engine, no such base image, or a
            failed build or push.
    """
    _check(registry, push, stages)
    names = {stage: image_name(stage, registry, tag) for stage in stages}
    with engine() as client, pip_conf_file(os.environ) as pip_conf:
        base = find_base_image(client, base_image)
        say(f"building on {base.name}, {base.digest}")
        for stage in (stage for stage in ALL if stage in names):
            say(f"building {names[stage]}")
            _build(build_command(stage, names[stage], base, pip_conf), names[stage])
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


def build_command(stage: str, name: str, base: BaseImage, pip_conf: Path | None) -> list[str]:
    """Return the command that builds an image and leaves it with the engine.

    Args:
        stage: A stage, or `mlflow_server`.
        name: Of the image.
        base: What it builds on.
        pip_conf: File with the package index of this machine, handed over as a secret; None for
            pip's own.
    """
    code = "" if stage == MLFLOW_SERVER else code_version(stage)
    labels = {CODE_LABEL: code, **base.labels}
    return [
        *("docker", "buildx", "build", "--load", "--progress", "plain", "--tag", name),
        *_recipe(stage),
        *("--build-arg", f"BASE_IMAGE={base.reference}"),
        # Without a value here it is the environment's, which other users cannot list.
        *(part for proxy in PROXIES for part in ("--build-arg", proxy)),
        *(part for label in labels.items() for part in ("--label", "=".join(label))),
        *(["--secret", f"id=pip,src={pip_conf}"] if pip_conf else []),
        ".",
    ]


def _recipe(stage: str) -> list[str]:
    if stage == MLFLOW_SERVER:
        return ["--file", "docker/mlflow.Dockerfile"]
    return ["--file", "docker/Dockerfile", "--target", stage.replace("_", "-")]


def _build(command: Sequence[str], name: str) -> None:
    """Say every line of a build's log; the last one is why it failed."""
    last = ""
    try:
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as build:
            for line in build.stdout or ():
                if line.strip():
                    last = line.strip()
                    say(last)
    except FileNotFoundError as error:
        raise ValueError(
            "there is no docker command, which builds images: install it, with its plugin buildx"
        ) from error
    if build.returncode:
        raise ValueError(f"building {name} failed (docker buildx is needed): {last}")


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
