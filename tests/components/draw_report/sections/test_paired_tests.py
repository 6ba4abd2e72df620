import re
from dataclasses import replace
from pathlib import Path

import pytest
from support.experiment import evaluated, made_experiment
from support.report import with_test

from components.draw_report.claims import paired_tests
from components.draw_report.data import ReportData, read_report_data
from components.draw_report.drawing.markup import join
from components.draw_report.page import report_page
from components.draw_report.sections.paired_tests import paired_section, rows_of
from components.shared.settings.report import ReportSettings


def test_paired_tests_are_marked_by_what_they_allow(data: ReportData) -> None:
    assert "▲+2.0</span><small>+1.0 … +3.0" in report_page(with_test(data, 0.02, 0.01, 0.03))
    assert '<span class="v0">+2.0</span>' in report_page(with_test(data, 0.02, -0.01, 0.05))


def test_models_and_their_tests_stand_in_the_order_of_the_tables(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    experiment = made_experiment(tmp_path_factory, {"devise_z": 3, "devise_a": 1})
    data = read_report_data(ReportSettings(), evaluated(experiment, tmp_path / "evaluation"), {})
    rows = rows_of(paired_tests(data), data.candidates("seen"), data.models)
    common = [
        *("better_softmax", "random", "conse", "conse_hierarchy", "exem", "eszsl", "dgp"),
        "devise_phase_1",
    ]
    over_z = ["conse_z", "exem_z", "eszsl_z"]
    assert list(rows) == [
        *(("devise", other) for other in common),
        *(("devise_z", other) for other in (*common, "devise", "devise_z_phase_1", *over_z)),
        *(("devise_a", other) for other in (*common, "devise", "devise_a_phase_1")),
    ]
    assert list(data.artifacts.variants) == ["devise_z", "devise_a"]
    trained = ["visual", "softmax_continued", "devise", "random", "devise_z", "devise_a"]
    assert list(data.artifacts.histories) == trained


def test_tests_are_folded_and_none_stands_beyond_the_labels_there_are(data: ReportData) -> None:
    text = join(paired_section(data)).text
    folded = text[text.index("<details") :]
    assert folded.count("<table") == folded.count("<details") == 4
    rows = re.findall(r"<tr><th scope=\"row\">DeViSE<small>.*?</tr>", text)
    assert {row.count(">–<") for row in rows[:3]} == {6}, "seen: of four labels no k = 5, 10, 20"


def test_claims_stand_with_their_corrected_p_and_those_left_out_with_the_reason(
    data: ReportData,
) -> None:
    test = {"baseline": "softmax", "difference": 0.02, "p_holm": 0.012}
    claims = {
        "devise_vs_softmax/seen/flat_hit_at_1": {**test, "told": True},
        "devise_vs_conse/unseen/flat_hit_at_1": {**test, "baseline": "conse", "told": False},
    }
    left_out = {"devise_vs_random/unseen/flat_hit_at_5": "There are only 3 labels to choose from."}
    confidence = {"intervals": {}, "paired": {}, "claims": claims, "claims_left_out": left_out}
    text = join(paired_section(replace(data, confidence=confidence))).text
    assert text.count("<b>+2.0</b>") == 1, "only the claim that is told is bold"
    assert "<td>0.012</td><td>yes</td>" in text
    assert "unseen, hit@5</th><td>–</td><td>–</td><td>There are only 3 labels" in text
