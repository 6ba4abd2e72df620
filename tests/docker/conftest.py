"""A Docker engine, where there is one."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pipeline.images import engine


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Any]:
    """A client of the engine; skips where none answers."""
    with ExitStack() as stack:
        try:
            client = stack.enter_context(engine())
        except ValueError as error:
            pytest.skip(str(error))
        yield client


@pytest.fixture(scope="session")
def python_image(docker_engine: Any) -> str:
    """Name of an image with Python that is on this machine; skips where there is none."""
    there = [tag for image in docker_engine.images.list() for tag in image.tags]
    for name in ("devise-open-run:", "local/python:3.11", "python:3.11-slim"):
        for tag in sorted(there):
            if tag.startswith(name):
                return str(tag)
    pytest.skip("no image with Python is on this machine: build with python pipeline.py images")
