import re
from dataclasses import replace

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import join
from components.draw_report.sections.training import in_line, training_section


def test_phase_2_goes_on_where_phase_1_ended_and_its_start_is_not_drawn() -> None:
    rows = [{"phase": phase, "epoch": epoch} for phase in (1, 2) for epoch in (0, 1, 2)]
    assert [(row["phase"], row["epoch"]) for row in in_line(rows)] == [
        (1, 0), (1, 1), (1, 2), (2, 3), (2, 4),
    ]  # fmt: skip


def test_every_training_has_its_curves_and_a_row(data: ReportData) -> None:
    shown = join(training_section(data)).text
    titles = re.findall("<figcaption>([^<]+)</figcaption>", shown)
    assert titles == [
        *("Visual model: cross-entropy", "Visual model: hit@1"),
        *("Softmax, trained on: cross-entropy", "Softmax, trained on: hit@1"),
        "All DeViSE trainings: validation hit@1",
        *("DeViSE: loss", "DeViSE: violated margins"),
        *("Random vectors: loss", "Random vectors: violated margins"),
    ]
    assert shown.count(">of the margins<") == shown.count(">of the images, one or more<") == 2
    rows = re.findall('<th scope="row">([^<]+)</th><td>([^<]+)</td><td>([^<]+)</td>', shown)
    assert rows == [
        ("Visual model", "3", "60.0%"),
        ("Softmax, trained on", "3", "60.0%"),
        ("DeViSE", "4", "40.0%"),
        ("Random vectors", "4", "40.0%"),
    ]


def test_a_training_without_a_history_is_left_out(data: ReportData) -> None:
    histories = {**data.artifacts.histories, "random": []}
    artifacts = replace(data.artifacts, histories=histories)
    assert "Random vectors" not in join(training_section(replace(data, artifacts=artifacts))).text
