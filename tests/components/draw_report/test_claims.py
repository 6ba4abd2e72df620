import re
from dataclasses import replace

import pytest
from support.report import with_test

from components.draw_report.data import ReportData
from components.draw_report.page import report_page
from components.draw_report.sections.summary import sentences


@pytest.mark.parametrize(
    ("softmax", "continued", "said"),
    [(0.4, 0.3, "the softmax ("), (0.3, 0.4, "“Softmax, trained on” (")],
)
def test_claims_are_made_against_the_better_softmax(
    data: ReportData, softmax: float, continued: float, said: str
) -> None:
    figures = {"softmax": softmax, "softmax_continued": continued}
    metrics = {f"{model}/seen/flat_hit_at_1": figure for model, figure in figures.items()}
    better = replace(data, metrics={**data.metrics, **metrics})
    assert f"{said}40.0 %" in sentences(with_test(better, 0.1, 0.05, 0.15))[0]


def test_without_a_test_no_difference_is_claimed(data: ReportData) -> None:
    untested = replace(data, confidence=None)
    text = " ".join(sentences(untested))
    assert "the difference was not tested" in text
    assert not re.search("above|below|times chance", text)
    assert "No paired test was made" in report_page(untested)


def test_intervals_stand_under_their_figures(data: ReportData) -> None:
    key = "devise/seen/flat_hit_at_1"
    sure = {"intervals": {key: [0.1234, 0.5678]}, "paired": {}}
    page = report_page(replace(data, confidence=sure))
    assert "<small>12.3–56.8</small>" in page
    assert "95 % interval 12.3 to 56.8" in page
