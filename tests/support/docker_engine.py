"""An engine that knows some images, and a docker command that notes what it is asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server, serving

API = "1.44"


@contextmanager
def engine_with(
    monkeypatch: pytest.MonkeyPatch,
    here: dict[str, dict[str, Any]],
    registry: dict[str, str],
) -> Iterator[Server]:
    """Let DOCKER_HOST lead to an engine.

    `here` has the images of its machine, `registry` digests by name.
    """
    with serving() as server:
        server.answers["GET /version"] = {"ApiVersion": API, "MinAPIVersion": "1.24"}
        for name in [*here, *registry]:
            missing = 404, {"message": f"No such image: {name}"}
            server.answers[f"GET /v{API}/images/{name}/json"] = here.get(name, missing)
        for name, digest in registry.items():
            found = {"Descriptor": {"digest": digest}, "Platforms": []}
            server.answers[f"GET /v{API}/distribution/{name}/json"] = found
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield server


def docker_command(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> Path:
    """Put a docker command first on the PATH; return the file of the arguments that it is given."""
    noted = folder / "arguments"
    command = folder / "bin" / "docker"
    command.parent.mkdir()
    note = f'printf "%s\\n" "$@" >> {noted}'
    command.write_text("\n".join(["#!/bin/sh", note, *lines]) + "\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    return noted
