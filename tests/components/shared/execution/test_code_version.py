import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.shared.execution.code_version import (
    code_version,
    imported_modules,
    source_files,
)


def names(stage: str, project: Path) -> set[str]:
    return {file.relative_to(project).as_posix() for file in source_files(stage)}


def test_a_stages_version_covers_its_files_and_what_they_import(project: Path) -> None:
    files = names("map_synsets", project)
    assert "components/map_synsets/component.py" in files
    assert "components/shared/artifacts/label_space.py" in files


def test_the_style_of_the_report_is_part_of_its_stage(project: Path) -> None:
    files = names("draw_report", project)
    assert {"components/draw_report/style.css", "components/draw_report/links.js"} <= files
    assert "components/draw_report/sections/tables.py" in files


def test_a_list_that_a_module_reads_is_part_of_it(project: Path) -> None:
    files = names("open_run", project)
    assert "components/shared/settings/tiny_imagenet_folds.json" in files


def test_it_covers_no_other_stage_and_nothing_that_only_reports(project: Path) -> None:
    files = names("map_synsets", project)
    assert not any(name.startswith("components/train_skipgram/") for name in files)
    assert "components/shared/execution/tracking.py" not in files


def test_it_is_the_same_each_time_and_another_for_another_stage() -> None:
    assert code_version("map_synsets") == code_version("map_synsets")
    assert code_version("map_synsets") != code_version("evaluate")


def imports_of(file: Path) -> set[str]:
    """What a file imports, looked for in all of it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
            found.add(str(node.module))
    return found


def test_no_import_of_the_project_is_overlooked_and_none_is_made_up(project: Path) -> None:
    for file in sorted((project / "components").rglob("*.py")):
        ours = {name for name in imported_modules(file) if name.startswith("components")}
        assert ours == {name for name in imports_of(file) if name.startswith("components")}, file


@pytest.mark.parametrize(
    ("text", "imported"),
    [
        ("from a.b import (\n    c,  # why\n    d as e,\n)", {"a.b", "a.b.c", "a.b.d"}),
        ("def f():\n    import a.b as c, d", {"a.b", "d"}),
        ("from a import b, \\\n    c", {"a", "a.b", "a.c"}),
        ('"""Texts,\nfrom here and there.\nimport few duties\n"""\nimport a', {"a"}),
        ("try:\n    import a\nexcept ImportError:\n    from b import c", {"a", "b", "b.c"}),
    ],
)
def test_imports_are_found_however_they_are_written(
    tmp_path: Path, text: str, imported: set[str]
) -> None:
    (tmp_path / "module.py").write_text(text)
    assert imported_modules(tmp_path / "module.py") == imported


def test_what_reports_is_left_out_only_on_request(project: Path) -> None:
    tracking = project / "components/shared/execution/tracking.py"
    assert tracking in source_files("map_synsets", left_out=())
    assert tracking not in source_files("map_synsets")


@pytest.mark.parametrize("stage", ["open_run", "draw_report", "register_model"])
def test_a_stage_finds_its_version_among_the_files_that_its_image_holds(
    project: Path, tmp_path: Path, stage: str
) -> None:
    for part in ("__init__.py", "shared", stage):
        source, target = project / "components" / part, tmp_path / "components" / part
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)
    code = (
        "from components.shared.execution.code_version import code_version;"
        f"print(code_version({stage!r}))"
    )
    found = subprocess.check_output([sys.executable, "-c", code], cwd=tmp_path, text=True)
    assert found.strip() == code_version(stage)
