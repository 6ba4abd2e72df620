"""Training curves of the visual model, of DeViSE in both phases and of its random twin."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.evaluate.report.charts import Series, line_chart
from components.evaluate.report.data import ReportData
from components.evaluate.report.markup import Markup, element

History = Sequence[Mapping[str, Any]]
HIT = "validation_hit_at_1"


def training_section(data: ReportData) -> Markup:
    """Show loss and validation hit@1 of every training."""
    histories = data.artifacts.histories
    charts = [*_visual(histories["visual"]), *_devise(histories["devise"], histories["random"])]
    note = element(
        "p",
        "Every choice (when to stop, which epoch to keep) was made on validation images; "
        "the test images of the tables took part in none.",
        class_="note",
    )
    return element(
        "section",
        element("h2", "Training"),
        note,
        element("div", *charts, class_="charts"),
        id="training",
    )


def _visual(history: History) -> list[Markup]:
    losses = [
        Series("training", "softmax", _points(history, "train_loss")),
        Series("validation", "softmax", _points(history, "validation_loss"), dashed=True),
    ]
    hits = [Series("validation hit@1", "softmax", _points(history, HIT))]
    return [
        *_chart("Visual model: cross-entropy", losses),
        *_chart("Visual model: validation hit@1", hits, percent=True),
    ]


def _devise(devise: History, random: History) -> list[Markup]:
    both = {"devise": ("DeViSE", _in_line(devise)), "random": ("Random vectors", _in_line(random))}
    charts: list[Markup] = []
    for title, field, percent in (
        ("DeViSE: training loss", "loss", False),
        ("DeViSE: violated margins", "violated_margins", True),
        ("DeViSE: validation hit@1", HIT, True),
    ):
        series = [Series(name, key, _points(rows, field)) for key, (name, rows) in both.items()]
        charts += _chart(title, series, percent, _phase_2(both["devise"][1]))
    return charts


def _chart(
    title: str,
    series: Sequence[Series],
    percent: bool = False,
    mark: tuple[float, str] | None = None,
) -> list[Markup]:
    drawn = [one for one in series if one.points]
    return [line_chart(title, drawn, "epoch", percent, mark)] if drawn else []


def _in_line(history: History) -> list[dict[str, Any]]:
    """Number the epochs of phase 2 on from those of phase 1.

    Phase 2's epoch 0 is phase 1's best, measured again, so it is left out of the line.
    """
    last = max((int(row["epoch"]) for row in history if row["phase"] == 1), default=0)
    return [
        {**row, "epoch": row["epoch"] + (last if row["phase"] == 2 else 0)}
        for row in history
        if not (row["phase"] == 2 and row["epoch"] == 0)
    ]


def _phase_2(rows: History) -> tuple[float, str] | None:
    starts = [float(row["epoch"]) for row in rows if row["phase"] == 2]
    return (min(starts) - 0.5, "phase 2") if starts else None


def _points(history: History, field: str) -> list[tuple[float, float]]:
    return [(float(row["epoch"]), float(row[field])) for row in history if field in row]
