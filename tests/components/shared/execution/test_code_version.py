import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from components.shared.execution.code_version import code_version, source_files


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
