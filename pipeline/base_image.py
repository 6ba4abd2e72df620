"""The image with Python that all others build on: found by name, built on by digest."""

from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, ImageNotFound

NAME_LABEL = "org.opencontainers.image.base.name"
DIGEST_LABEL = "org.opencontainers.image.base.digest"
"""What an image says of the one below it, as the Open Container Initiative calls it."""


@dataclass(frozen=True)
class BaseImage:
    """An image to build on.

    Attributes:
        name: As it was asked for.
        reference: What the Dockerfile is given: with the digest, but for an image that only this
            machine has.
        digest: `sha256:` of its manifest; of an image that only this machine has, its id.
    """

    name: str
    reference: str
    digest: str

    @property
    def labels(self) -> dict[str, str]:
        """What is written on the images that build on it."""
        return {NAME_LABEL: self.name, DIGEST_LABEL: self.digest}


def find_base_image(client: Any, name: str) -> BaseImage:
    """Look a name up, on this machine, as a build does, and else in its registry.

    Args:
        client: Of the Docker engine.
        name: Of the image; one that has its digest already is taken at its word.

    Raises:
        ValueError: Neither has it.
    """
    if "@" in name:
        return BaseImage(name, name, name.partition("@")[2])
    try:
        return _on_this_machine(client, name)
    except ImageNotFound:
        return _in_its_registry(client, name)


def _on_this_machine(client: Any, name: str) -> BaseImage:
    image = client.images.get(name)
    pulled = [found for found in image.attrs.get("RepoDigests") or [] if _is_of(found, name)]
    if not pulled:
        return BaseImage(name, name, str(image.id))
    return BaseImage(name, pulled[0], pulled[0].partition("@")[2])


def _in_its_registry(client: Any, name: str) -> BaseImage:
    try:
        digest = str(client.images.get_registry_data(name).id)
    except APIError as error:
        raise ValueError(
            f"--base-image {name} is neither on this machine nor in its registry "
            f"({error.explanation or error}); pull it, or name another"
        ) from error
    return BaseImage(name, f"{_repository(name)}@{digest}", digest)


def _is_of(digested: str, name: str) -> bool:
    return digested.partition("@")[0] == _repository(name)


def _repository(name: str) -> str:
    """Return a name without its tag; a port of the registry is none."""
    path, _, last = name.rpartition("/")
    return f"{path}/{last.partition(':')[0]}" if path else last.partition(":")[0]
