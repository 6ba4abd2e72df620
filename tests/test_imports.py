"""The rules that keep stages apart, read from the imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
STAGES = sorted(path.parent.name for path in (PROJECT / "components").glob("*/component.py"))
ADAPTERS = {
    "components/shared/storage/s3.py",
    "components/shared/storage/s3_identity.py",
    "components/shared/execution/mlflow_client.py",
    "components/shared/execution/system_metrics.py",
    "components/shared/execution/tracking.py",
    "components/shared/execution/stage.py",
    "components/register_model/pyfunc.py",
    "components/register_model/registry.py",
}
PLATFORM = ("kfp", "mlflow", "minio", "pipeline")


def imports(file: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(file.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def logic_files() -> list[Path]:
    files = (PROJECT / "components").rglob("*.py")
    return sorted(file for file in files if file.name != "component.py")


@pytest.mark.parametrize("file", logic_files(), ids=lambda f: f.relative_to(PROJECT).as_posix())
def test_logic_knows_no_platform_and_no_other_stage(file: Path) -> None:
    here = file.relative_to(PROJECT)
    stage = here.parts[1]
    for name in imports(file):
        others = [other for other in STAGES if other != stage]
        assert not any(within(name, f"components.{other}") for other in others), name
        if here.as_posix() not in ADAPTERS:
            assert not any(within(name, package) for package in PLATFORM), name


@pytest.mark.parametrize("stage", STAGES)
def test_a_face_imports_only_kfp_and_the_decorator_at_its_top(stage: str) -> None:
    file = PROJECT / "components" / stage / "component.py"
    for name in imports(file, top_level_only=True):
        assert within(name, "kfp") or name in ("components.shared.execution.stage", "typing"), name
    others = [other for other in STAGES if other != stage]
    for name in imports(file):
        assert not any(within(name, f"components.{other}") for other in others), name


@pytest.mark.parametrize("stage", STAGES)
def test_a_face_is_short(stage: str) -> None:
    tree = ast.parse((PROJECT / "components" / stage / "component.py").read_text())
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    assert function.name == stage
    assert len(function.body) <= 15


def test_the_composition_root_imports_only_faces_first_looks_and_what_is_shared() -> None:
    for file in (PROJECT / "pipeline").rglob("*.py"):
        for name in imports(file):
            if within(name, "components"):
                parts = name.split(".")
                is_open = parts[1] == "shared" or parts[2:] in (["component"], ["first_look"])
                assert is_open, f"{file}: {name}"


def test_the_graph_is_imported_without_torch() -> None:
    code = "import pipeline.dag, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


@pytest.mark.parametrize(
    "stage",
    [
        *("open_run", "prepare_taxonomy", "prepare_corpus", "train_skipgram", "pack_images"),
        *("prepare_images", "evaluate", "draw_report"),
    ],
)
def test_stages_without_a_network_never_load_torch(stage: str) -> None:
    files = (PROJECT / "components" / stage).rglob("*.py")
    modules = [
        ".".join(file.relative_to(PROJECT).with_suffix("").parts)
        for file in files
        if file.stem != "__init__"
    ]
    code = f"import {', '.join(modules)}, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
