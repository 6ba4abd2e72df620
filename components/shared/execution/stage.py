"""The decorator that turns a stage's function into a KFP component."""

from collections.abc import Callable
from typing import Any

from kfp import dsl


def image_repository(stage: str) -> str:
    """Name of a stage's image without registry and tag: `devise-train-skipgram`."""
    return f"devise-{stage.replace('_', '-')}"


def stage(function: Callable[..., Any]) -> Any:
    """Lightweight component that runs in the image of its own stage.

    KFP copies the function's source into the task, so that its body imports what it needs; nothing
    is installed when it starts, because the image holds it.
    """
    image = f"{image_repository(function.__name__)}:latest"
    return dsl.component(function, base_image=image, install_kfp_package=False)
