"""Every face as a cluster calls it: through the SDK's executor, with what the real driver writes.

The driver of a cluster hands input artifacts over without the `schemaTitle` that kfp.local gives
them, so that the SDK falls back on the face's annotation: one that it cannot call fails there only.
"""

import inspect
import json
import sys
import types
import typing
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl
from kfp.dsl import executor_main
from support.driver import VALUES, component, drivers_input

COMPONENTS = Path(__file__).resolve().parents[2] / "components"
STAGES = sorted(path.parent.name for path in COMPONENTS.glob("*/component.py"))
UNIONS = (typing.Union, types.UnionType)


def recorded(stage: str, folder: Path, given: typing.Container[str]) -> dict[str, Any]:
    """Send the face through the SDK's executor_main; return what its function is called with."""
    face = component(stage).python_func
    called: dict[str, Any] = {}

    def work(**arguments: Any) -> None:
        called.update(arguments)

    work.__annotations__ = {**face.__annotations__, "return": None}
    work.__signature__ = inspect.signature(face).replace(return_annotation=None)  # type: ignore[attr-defined]
    module = folder / "face.py"
    module.write_text("from faces_under_test import work as face\n")
    sys.modules["faces_under_test"] = types.ModuleType("faces_under_test")
    sys.modules["faces_under_test"].work = work  # type: ignore[attr-defined]
    text = json.dumps(drivers_input(stage, folder, given))
    before = sys.argv
    sys.argv = [
        *("executor", "--component_module_path", str(module)),
        *("--function_to_execute", "face", "--executor_input", text),
    ]
    try:
        executor_main.executor_main()
    finally:
        sys.argv = before
        del sys.modules["faces_under_test"]
    return called


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("with_optional", [False, True], ids=["bare", "whole"])
def test_a_face_is_called_with_what_a_cluster_hands_over(
    stage: str, with_optional: bool, tmp_path: Path
) -> None:
    spec = component(stage).component_spec
    optional = {name for name, wanted in spec.inputs.items() if wanted.optional}
    called = recorded(stage, tmp_path, optional if with_optional else ())
    for name, wanted in spec.inputs.items():
        if wanted.optional and not with_optional:
            assert called.get(name) is None
        elif wanted.type.startswith("system."):
            found = called[name] if wanted.is_artifact_list else [called[name]]
            assert all(isinstance(artifact, dsl.Artifact) for artifact in found)
            assert all(artifact.path.startswith("/minio/") for artifact in found)
            assert all(artifact.metadata["checksum"] for artifact in found)
        else:
            assert called[name] == VALUES[wanted.type.partition("[")[0]]
    for name in spec.outputs or {}:
        if name in called:
            assert isinstance(called[name], dsl.Artifact)


@pytest.mark.parametrize("stage", STAGES)
def test_no_face_has_a_union(stage: str) -> None:
    for name, annotation in component(stage).python_func.__annotations__.items():
        every = [annotation, *typing.get_args(annotation)]
        assert not any(typing.get_origin(kind) in UNIONS for kind in every), name
