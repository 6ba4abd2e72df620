from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.page import report_page


def test_quality_of_the_vectors_is_shown_where_it_was_measured(data: ReportData, page: str) -> None:
    assert "Quality of the word vectors" not in page
    quality = {"wordsim353": {"spearman": 0.625, "pairs": 353}, "near": [["sea_lion", 0.7]]}
    space = {**data.artifacts.label_space, "quality": quality}
    shown = report_page(replace(data, artifacts=replace(data.artifacts, label_space=space)))
    assert "wordsim353: spearman</th><td>0.625</td>" in shown
    assert "sea lion" in shown
    assert '<table class="plain facts"' in shown, "whose columns share the width there is"
