import re
from dataclasses import replace

import pytest

from components.draw_report.confusion import confused_pairs, confusion_of
from components.draw_report.data import ReportData
from components.draw_report.markdown_summary import PAIRS, summary_markdown
from components.shared.artifacts.model_names import name_of

ALL_SETS = r"Zero-shot plus seen\: unseen"
CELLS = re.compile(r"(?<!\\)\|")


@pytest.fixture(scope="module")
def summary(data: ReportData) -> str:
    return summary_markdown(data, confusion_of(data))


def rows(text: str, heading: str) -> list[list[str]]:
    """Cells of the table below a heading, without its head."""
    part = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in CELLS.split(line)[1:-1]] for line in lines[2:]]


def test_it_has_a_row_for_each_final_model_and_chance(data: ReportData, summary: str) -> None:
    names = [
        name_of(model) for one in data.sets for model in [*data.final_models(one.name), "chance"]
    ]
    assert [row[1] for row in rows(summary, "Figures")] == names
    assert "phase 1" not in summary


def test_its_figures_are_those_of_the_metrics(data: ReportData, summary: str) -> None:
    (row,) = [row for row in rows(summary, "Figures") if row[:2] == ["Seen classes", "DeViSE"]]
    names = ("flat_hit_at_1", "flat_hit_at_5", "hierarchical_precision_at_5")
    assert row[2:] == [f"{100 * data.metrics[f'devise/seen/{names[0]}']:.1f} %", "–", "–"]
    assert not any(data.is_ranked("seen", name) for name in names[1:]), "there are four labels"
    (other,) = [row for row in rows(summary, "Figures") if row[:2] == [ALL_SETS, "DeViSE"]]
    assert other[2:] == [
        f"{100 * data.metrics[f'devise/unseen_plus_seen/{name}']:.1f} %" for name in names
    ]


def test_it_lists_the_pairs_confused_most(data: ReportData, summary: str) -> None:
    listed = rows(summary, "Confused most often")
    pairs = confused_pairs(data)[:PAIRS]
    assert [int(row[2]) for row in listed] == [pair.images for pair in pairs]


def test_it_says_how_many_images_the_table_of_confusions_leaves_out(data: ReportData) -> None:
    confusion = replace(confusion_of(data), left_out=1234)
    assert "leaves 1,234 images out" in summary_markdown(data, confusion)


def test_text_from_data_cannot_break_out(data: ReportData) -> None:
    names = dict.fromkeys(data.names, "<b>|`[x](y)`\n# z")
    text = summary_markdown(replace(data, names=names), confusion_of(data))
    listed = rows(text, "Confused most often")
    assert listed
    assert {len(row) for row in listed} == {3}
    assert {row[0] for row in listed} == {r"\<b\>\|\`\[x\](y)\` \# z"}


def test_it_names_the_run_and_where_the_rest_is(data: ReportData) -> None:
    known = replace(data, facts={**data.facts, "mlflow_run_id": "0a1b", "code_version": ""})
    found = dict(rows(summary_markdown(known, confusion_of(known)), "Where"))
    assert found["MLflow run of Evaluate"] == "0a1b"
    assert "Code of Evaluate" not in found
    assert "`report`" in found["The report, with intervals, tests and a gallery"]


def test_a_contaminated_run_says_so_first(data: ReportData) -> None:
    text = summary_markdown(replace(data, contaminated=True), confusion_of(data))
    assert text.splitlines()[2].startswith(r"**zero\_shot\_contaminated**: the visual network's")
