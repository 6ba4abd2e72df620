import json
import weakref
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.experiment import Experiment, evaluated

from components.draw_report import data
from components.draw_report.data import Inputs
from components.draw_report.outputs import Outputs, write_report
from components.shared.artifacts.evaluation import Evaluation, read_evaluation
from components.shared.ranking.made import Made
from components.shared.settings.report import ReportSettings

Key = tuple[str, str]


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


def test_one_ranking_is_in_memory_at_a_time_and_is_read_for_what_is_shown_and_not_for_each_card(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[weakref.ref[np.ndarray]] = []
    answers, cosines = Counter[Key](), Counter[Key]()

    def watched(found: Mapping[Key, np.ndarray], read: Counter[Key]) -> Made[Key, np.ndarray]:
        def make(key: Key) -> np.ndarray:
            assert not any(one() is not None for one in alive), f"before {key} was read"
            values = found[key]
            alive.append(weakref.ref(values))
            read[key] += 1
            return values

        return Made(found, make)

    def read(folder: Path) -> Evaluation:
        found = read_evaluation(folder)
        both = watched(found.answers, answers), watched(found.cosines, cosines)
        return replace(found, answers=both[0], cosines=both[1])

    monkeypatch.setattr(data, "read_evaluation", read)
    write_report(ReportSettings(gallery_images=24), inputs, outputs(tmp_path))
    others = {key: times for key, times in answers.items() if key[0] != "devise"}
    assert max(others.values()) == 2, "for the gallery, and for where errors fall"
    assert max(answers.values()) <= 8, "as many sections, whose cards are twelve a set"
    assert answers.keys() == cosines.keys()
    assert max(cosines.values()) <= 2


def test_without_zero_shot_sets_both_say_so(experiment: Experiment, tmp_path: Path) -> None:
    inputs = evaluated(experiment, tmp_path / "evaluation", zero_shot_sets=())
    write_report(ReportSettings(gallery_images=0), inputs, outputs(tmp_path))
    for name in ("report", "summary"):
        assert "No class was held out" in (tmp_path / name).read_text()
