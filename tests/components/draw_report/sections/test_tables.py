import re
from collections.abc import Collection
from dataclasses import replace

import pytest

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.page import report_page
from components.draw_report.sections.tables import published_beside, tables_section


def test_the_papers_rows_are_there_and_marked_as_another_data_set(page: str) -> None:
    assert page.count('<tbody class="published">') == 4
    assert "Published, on another data set: ILSVRC 2012" in page


@pytest.mark.parametrize(
    ("candidates", "beside"),
    [
        ("seen", "seen"),
        ("3-hop_plus_seen", "3-hop_plus_seen"),
        ("unseen", "2-hop"),
        ("my_set_plus_seen", "2-hop_plus_seen"),
    ],
)
def test_a_set_that_was_not_published_stands_beside_the_2_hop_one(
    candidates: str, beside: str
) -> None:
    assert {row.candidates for row in published_beside(candidates)} == {beside}


def test_seen_classes_among_unseen_labels_have_a_table_and_no_published_rows(
    data: ReportData,
) -> None:
    text = join(tables_section(data)).text
    table = text[text.index("Seen classes among seen and zero-shot: unseen") :]
    assert 'class="published"' not in table
    assert "now the unseen labels compete as well" in table
    assert table.count('title="softmax"') == 1


def test_no_figure_of_a_column_is_marked(data: ReportData) -> None:
    text = join(tables_section(data)).text
    assert "<b>" not in text
    assert "best" not in re.findall(r'class="([^"]*)"', text)


def with_variants(data: ReportData, *variants: str) -> str:
    return report_page(
        replace(data, facts={**data.facts, "parameters": {"variants": list(variants)}})
    )


def test_what_a_variant_changes_stands_below_the_tables(data: ReportData, page: str) -> None:
    assert "What the variants change" not in page
    shown = with_variants(data, "devise_l2: devise_loss=l2", "devise_again")
    assert "devise_loss = l2" in shown
    assert "nothing: the main model once more" in shown


def test_every_row_that_read_the_hierarchy_is_named_and_no_other(data: ReportData) -> None:
    over = ("devise_best", "conse_best", "exem_best", "eszsl_best")
    always = ["“Softmax, hierarchy”", "“ConSE, hierarchy”", "DGP"]
    by_itself = ("softmax_hierarchy", "conse_hierarchy", "dgp")
    models = (*data.models, *(one for one in (*over, *by_itself) if one not in data.models))

    def named(soft_labels: Collection[str] = (), retrofitted: Collection[str] = ()) -> set[str]:
        own = frozenset(soft_labels), frozenset(retrofitted)
        artifacts = replace(data.artifacts, soft_labels=own[0], retrofitted=own[1])
        shown = replace(data, artifacts=artifacts, models=models)
        text = join(tables_section(shown)).text
        return set(text.partition("is measured on: ")[2].partition(". There")[0].split("; "))

    assert named() == {*always}
    best = "DeViSE, best", "ConSE, best", "EXEM, best", "ESZSL, best"
    assert named(retrofitted=["devise_best"]) == {*always, *(f"“{one}”" for one in best)}
    assert named(soft_labels=["devise_best"]) == {*always, "“DeViSE, best”"}
    assert named(soft_labels=["devise"]) == {*always, "DeViSE"}


def test_beyond_the_labels_there_are_no_figure_stands(data: ReportData) -> None:
    text = join(tables_section(data)).text
    unseen = text[text.index("Zero-shot: unseen") : text.index("Zero-shot plus seen")]
    rows = re.findall(r'<tr[^>]*><th scope="row" title="(\w+)">(.*?)</tr>', unseen)
    assert dict(rows)["devise"].count(">–<") == 6, "k = 5, 10, 20 of either measure"
    assert "Beyond k = 3 nothing is measured" in unseen


def test_phase_1_is_folded(data: ReportData) -> None:
    text = join(tables_section(data)).text
    folded = "".join(re.findall("<details.*?</details>", text))
    assert "Phase 1 of 2 models" in folded
    assert text.count('title="devise_phase_1"') == folded.count('title="devise_phase_1"') == 4
    assert 'title="devise"' not in folded


def test_rows_over_label_vectors_that_saw_images_are_named_as_no_zero_shot_figures(
    data: ReportData,
) -> None:
    assert "no zero-shot figure" not in join(tables_section(data)).text
    row, pairs = "devise_saw_images_clip", ["unseen", "unseen_plus_seen"]
    own = {key: of for key, of in data.metrics.items() if key.startswith("devise/unseen")}
    metrics = {**data.metrics, **{key.replace("devise", row, 1): own[key] for key in own}}
    answers = {**data.answers, **{(row, name): data.answers["devise", name] for name in pairs}}
    with_row = replace(data, metrics=metrics, answers=answers, models=(*data.models, row))
    text = join(tables_section(with_row)).text
    assert text.count("no zero-shot figure") == 2
    assert text.count("DeViSE, saw images clip") == 2
