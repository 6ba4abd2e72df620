"""What the driver of a cluster hands to the executor of a face."""

from collections.abc import Container
from importlib import import_module
from pathlib import Path
from typing import Any

VALUES = {
    "String": "text",
    "Integer": 3,
    "Float": 0,
    "Boolean": True,
    "List": ["a"],
    "Dict": {"whole": 3, "none": 0},
}
"""What parameters arrive as; the driver writes a whole float without its point."""


def component(stage: str) -> Any:
    return getattr(import_module(f"components.{stage}.component"), stage)


def drivers_input(stage: str, folder: Path, given: Container[str]) -> dict[str, Any]:
    """Executor input as KFP 2.17's driver writes it, of the optional inputs those `given`."""
    spec = component(stage).component_spec
    parameters, artifacts = {}, {}
    for name, wanted in spec.inputs.items():
        if wanted.optional and name not in given:
            continue
        if wanted.type.startswith("system."):
            files = 2 if wanted.is_artifact_list else 1
            artifacts[name] = {"artifacts": [_input(name, n, folder) for n in range(files)]}
        else:
            parameters[name] = VALUES[wanted.type.partition("[")[0]]
    outputs = {
        name: {"artifacts": [_output(name, output.type, folder)]}
        for name, output in (spec.outputs or {}).items()
        if output.type.startswith("system.")
    }
    return {
        "inputs": {"artifacts": artifacts, "parameterValues": parameters},
        "outputs": {"artifacts": outputs, "outputFile": str(folder / "output_metadata.json")},
    }


def _input(name: str, number: int, folder: Path) -> dict[str, Any]:
    return {
        "name": str(11 + number),
        "type": {"instanceSchema": ""},
        "uri": f"minio://mlpipeline/v2/artifacts/devise/RUN/stage/{number}/{name}",
        "metadata": {"checksum": "0" * 32, "display_name": name, "store_session_info": "{}"},
    }


def _output(name: str, kind: str, folder: Path) -> dict[str, Any]:
    title, _, version = kind.partition("@")
    uri = f"minio://mlpipeline/v2/artifacts/devise/RUN/stage/UUID/{name}"
    return {
        "name": name,
        "type": {"schemaTitle": title, "schemaVersion": version or "0.0.1"},
        "uri": uri,
    }
