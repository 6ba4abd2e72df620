from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.page import report_page


def test_quality_of_the_vectors_is_shown_where_it_was_measured(data: ReportData, page: str) -> None:
    assert "Quality of the word vectors" not in page
    near = {"count": 40, "here": ["sea_lion"], "counts": [7], "paper": ["bull shark"]}
    quality = {
        "wordsim_353": {"spearman": 0.625, "pairs": 353, "covered": 300 / 353},
        "neighbours": {"tiger shark": near},
    }
    space = {**data.artifacts.label_space, "quality": quality}
    shown = report_page(replace(data, artifacts=replace(data.artifacts, label_space=space)))
    assert "WordSim-353, Spearman</th><td>0.62 (300 of 353 pairs)</td>" in shown
    assert "sea lion 7 (itself 40 times)" in shown
    assert '<table class="plain facts"' in shown, "whose columns share the width there is"
