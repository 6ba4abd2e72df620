"""Curves of every training: the visual model, the one trained on, every DeViSE in both phases."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import Axes, Series, line_chart
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.section import Section
from components.shared.artifacts.evaluation import CONTINUED, SOFTMAX, VISUAL
from components.shared.artifacts.model_names import name_of

Rows = Sequence[Mapping[str, Any]]
HIT = "validation_hit_at_1"
CLASSIFIERS = {VISUAL: SOFTMAX, CONTINUED: CONTINUED}
"""Histories of classifiers, and the model that each belongs to."""


def training_section(data: ReportData) -> list[Child]:
    """Show validation hit@1 of all trainings together, and the losses of each."""
    histories = {name: rows for name, rows in data.artifacts.histories.items() if rows}
    embeddings = {name: rows for name, rows in histories.items() if "phase" in rows[0]}
    classifiers = {name: rows for name, rows in histories.items() if name not in embeddings}
    colours = {name: _colour(data, name) for name in histories}
    charts = [chart for name, rows in classifiers.items() for chart in _classifier(name, rows)]
    charts += _hits(embeddings, colours)
    for name, rows in embeddings.items():
        charts += _embedding(name, rows, colours[name])
    return [
        element("p", _NOTE, class_="note"),
        element("div", *charts, class_="charts"),
        _table(histories),
    ]


_NOTE = (
    "Every choice (when to stop, which epoch to keep) was made on validation images; the test "
    "images of the tables took part in none. Dashed lines are validation losses, or the share of "
    "false labels that violate the margin."
)


def in_line(history: Rows) -> list[dict[str, Any]]:
    """Number the epochs of phase 2 on from those of phase 1.

    Phase 2's epoch 0 is phase 1's best, measured again, so it is left out of the line.
    """
    last = max((int(row["epoch"]) for row in history if row["phase"] == 1), default=0)
    return [
        {**row, "epoch": row["epoch"] + (last if row["phase"] == 2 else 0)}
        for row in history
        if not (row["phase"] == 2 and row["epoch"] == 0)
    ]


def _classifier(name: str, rows: Rows) -> list[Markup]:
    title, colour = _title(name), colour_of(CLASSIFIERS.get(name, name))
    losses = [
        Series("training", colour, _points(rows, "train_loss")),
        Series("validation", colour, _points(rows, "validation_loss"), dashed=True),
    ]
    hits = [Series("validation", colour, _points(rows, HIT))]
    return [
        *_chart(f"{title}: cross-entropy", losses, Axes("epoch", "nats an image")),
        *_chart(f"{title}: hit@1", hits, Axes("epoch", "share of images", True)),
    ]


def _hits(embeddings: Mapping[str, Rows], colours: Mapping[str, str]) -> list[Markup]:
    lines = {name: in_line(rows) for name, rows in embeddings.items()}
    series = [
        Series(name_of(name), colours[name], _points(rows, HIT)) for name, rows in lines.items()
    ]
    marks = {_phase_2(rows) for rows in lines.values()}
    mark = marks.pop() if len(marks) == 1 else None
    axes = Axes("epoch", "share of validation images", True)
    return _chart("All DeViSE trainings: validation hit@1", series, axes, mark)


def _embedding(name: str, rows: Rows, colour: str) -> list[Markup]:
    line = in_line(rows)
    losses = [Series("training", colour, _points(line, "loss"))]
    margins = [
        Series("of the margins", colour, _points(line, "violated_margins"), dashed=True),
        Series("of the images, one or more", colour, _points(line, "violating_images")),
    ]
    mark = _phase_2(line)
    return [
        *_chart(f"{name_of(name)}: loss", losses, Axes("epoch", "mean an image"), mark),
        *_chart(
            f"{name_of(name)}: violated margins", margins,
            Axes("epoch", "share violated", True), mark,
        ),
    ]  # fmt: skip


def _chart(
    title: str, series: Sequence[Series], axes: Axes, mark: tuple[float, str] | None = None
) -> list[Markup]:
    drawn = [one for one in series if one.points]
    return [line_chart(title, drawn, axes, mark)] if drawn else []


def _table(histories: Mapping[str, Rows]) -> Markup:
    """Return epochs, best validation hit@1 and, where it was measured, the speed of each."""
    rows = [
        [
            _title(name),
            f"{sum(1 for row in history if row['epoch']):,}",
            f"{max(float(row[HIT]) for row in history if HIT in row):.1%}",
            _rate(history),
        ]
        for name, history in histories.items()
    ]
    return plain_table(["Training", "epochs", "best validation hit@1", "images a second"], rows)


def _rate(history: Rows) -> str:
    rates = [float(row["images_per_second"]) for row in history if "images_per_second" in row]
    return f"{sum(rates) / len(rates):,.0f}" if rates else "not recorded"


def _title(name: str) -> str:
    return "Visual model" if name == VISUAL else name_of(name)


def _colour(data: ReportData, name: str) -> str:
    return colour_of(CLASSIFIERS.get(name, name), data.models)


def _phase_2(rows: Rows) -> tuple[float, str] | None:
    starts = [float(row["epoch"]) for row in rows if row["phase"] == 2]
    return (min(starts) - 0.5, "phase 2") if starts else None


def _points(history: Rows, field: str) -> list[tuple[float, float]]:
    return [(float(row["epoch"]), float(row[field])) for row in history if field in row]


SECTION = Section("training", "Training", "Training", training_section)
