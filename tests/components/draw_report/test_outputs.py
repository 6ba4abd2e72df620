import json
from pathlib import Path

import pytest
from support.experiment import evaluated, write_experiment

from components.draw_report.data import Inputs
from components.draw_report.outputs import Outputs, write_report
from components.shared.settings.report import ReportSettings


def outputs(folder: Path) -> Outputs:
    return Outputs(folder / "report", folder / "summary", folder / "confusion")


@pytest.mark.parametrize("name", ["report", "summary", "confusion"])
def test_two_reports_of_one_evaluation_are_the_same_files(
    inputs: Inputs, tmp_path: Path, name: str
) -> None:
    figures = write_report(ReportSettings(gallery_images=0), inputs, outputs(tmp_path / "one"))
    write_report(ReportSettings(gallery_images=0), inputs, outputs(tmp_path / "two"))
    written = (tmp_path / "two" / name).read_bytes()
    assert (tmp_path / "one" / name).read_bytes() == written
    assert figures == {"report_megabytes": (tmp_path / "one" / "report").stat().st_size / 1e6}


def test_the_summary_and_the_table_are_of_the_same_images(inputs: Inputs, tmp_path: Path) -> None:
    write_report(ReportSettings(gallery_images=0), inputs, outputs(tmp_path))
    confusion = json.loads((tmp_path / "confusion").read_text())
    counted = sum(map(sum, confusion["matrix"])) + confusion["left_out"]
    assert f"Of {counted} test images" in (tmp_path / "summary").read_text()


def test_without_zero_shot_sets_both_say_so(tmp_path: Path) -> None:
    inputs = evaluated(write_experiment(tmp_path), tmp_path / "evaluation", zero_shot_sets=())
    write_report(ReportSettings(gallery_images=0), inputs, outputs(tmp_path))
    for name in ("report", "summary"):
        assert "No class was held out" in (tmp_path / name).read_text()
