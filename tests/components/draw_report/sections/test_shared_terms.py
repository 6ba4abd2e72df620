import re
from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.shared_terms import shared_terms_section

WITHOUT = {
    "devise/unseen_plus_seen/harmonic_mean": 0.28,
    "devise/seen/flat_hit_at_1": 0.4,
    "devise/unseen/flat_hit_at_1": 0.2,
    "devise/unseen/flat_hit_at_5": 1.0,
}


def test_pairs_are_shown_by_name_with_what_they_share(data: ReportData) -> None:
    text = join(shared_terms_section(data)).text
    assert "1 pair of a seen and an unseen label shares a term" in text
    (item,) = re.findall("<li.*?</li>", text)
    assert item.count("crane") == 3, "two labels and their term"
    assert "n00000002, n00000006" in item


def test_figures_without_their_classes_stand_above_those_of_all(data: ReportData) -> None:
    metrics = {**data.metrics, "devise/unseen_plus_seen/harmonic_mean": 0.3}
    text = join(shared_terms_section(replace(data, metrics=metrics, without=WITHOUT))).text
    (row,) = re.findall(r'<tr[^>]*><th scope="row" title="devise">(.*?)</tr>', text)
    cells = re.findall("<td>(.*?)</td>", row)
    of_all = 100 * data.metrics["devise/seen/flat_hit_at_1"]
    assert cells[0].startswith("40.0<small")
    assert f">{of_all:.1f}</small>" in cells[0]
    assert cells[1] == "–", "not measured without them"
    assert cells[3] == "–", "of three labels there are no five"
    assert cells[-1].startswith("28.0")


def test_without_a_pair_a_sentence_stands_there(data: ReportData) -> None:
    space = {**data.artifacts.label_space, "pairs_sharing_terms": []}
    none = replace(data, artifacts=replace(data.artifacts, label_space=space))
    assert "No unseen label shares a term" in join(shared_terms_section(none)).text
