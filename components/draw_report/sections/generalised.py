"""Generalised zero-shot: what is left of seen and unseen classes where their labels compete."""

from collections.abc import Sequence

import pandas as pd

from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.curves import SeenUnseen, curves_chart
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.model_row import model_row
from components.draw_report.section import Section
from components.shared.artifacts.evaluation import CHANCE, KINDS, calibrated_of, is_calibrated
from components.shared.artifacts.model_names import name_of
from components.shared.ranking.metrics import AUSUC
from components.shared.statistics.claims import BEST
from components.shared.statistics.generalised import Balance, balance_of

DRAWN = (*KINDS, BEST)
"""The models that have a line: of each kind the row that is called by it, and the best DeViSE."""
COLUMNS = ("seen", "unseen", "mean")
NOTHING = Balance(None, None, None)


def generalised_section(data: ReportData) -> list[Child]:
    """Show a table for each zero-shot set; a sentence where there is none."""
    names = data.zero_shot_sets()
    if not names:
        return [element("p", "No class was held out of training, so none competes with the seen.")]
    note = element("p", *_note(data), class_="note")
    return [note, *(part for name in names for part in _of_set(data, name))]


def _note(data: ReportData) -> list[str]:
    text = [
        "Every image is asked among seen and unseen labels together. Figures are per cent: hit@1 "
        "as a mean over the classes, of the seen and of the unseen, and their harmonic mean, which "
        "is high only where both are. AUSUC is the area below the curve of the one over the other "
        "as a penalty is taken from the scores of all seen labels, over every penalty: it asks how "
        "well they can be balanced, whatever the penalty. A model that names seen labels alone has "
        "none."
    ]
    if any(is_calibrated(model) for model in data.models):
        text.append(
            " Calibrated is with one such penalty, as the parameter evaluate_penalties has it; it "
            "is to be chosen without any test image."
        )
    return text


def _of_set(data: ReportData, name: str) -> list[Markup]:
    models = [model for model in data.final_models(name) if not is_calibrated(model)]
    calibrated = {model: balance_of(data.metrics, calibrated_of(model), name) for model in models}
    has_calibrated = any(one != NOTHING for one in calibrated.values())
    rows = [
        _row(data, model, name, calibrated.get(model, NOTHING) if has_calibrated else None)
        for model in [*models, CHANCE]
    ]
    table = element(
        "table",
        _head(has_calibrated=has_calibrated),
        element("tbody", *rows),
        class_="plain generalised",
    )
    heading = element("h3", f"Seen and {name}")
    return [heading, element("div", table, class_="scroll"), *_curves(data, name)]


def _curves(data: ReportData, name: str) -> list[Markup]:
    """Draw the curves of the main models; nothing where none has one."""
    of_set = data.curves[data.curves["set"] == name]
    there = set(of_set["model"]).intersection(DRAWN)
    curves = [_curve(data, of_set, model, name) for model in data.models if model in there]
    if not curves:
        return []
    return [curves_chart(f"Seen and {name}, at every penalty", curves), _curves_note(curves)]


def _curve(data: ReportData, of_set: pd.DataFrame, model: str, name: str) -> SeenUnseen:
    rows = of_set[of_set["model"] == model]
    plain = balance_of(data.metrics, model, name)
    chosen = balance_of(data.metrics, calibrated_of(model), name)
    assert plain.point is not None
    return SeenUnseen(
        name_of(model),
        colour_of(model, data.models),
        list(zip(rows["seen"], rows["unseen"], strict=True)),
        data.metrics[f"{model}/{name}/{AUSUC}"],
        plain.point,
        chosen.point,
    )


def _curves_note(curves: Sequence[SeenUnseen]) -> Markup:
    text = (
        "From the lower right, where seen labels win everywhere, each line goes to the left axis "
        "as the penalty on their scores grows: hits of seen classes are given up for hits of "
        "unseen ones. A line further to the upper right is a better balance; in small figures the "
        "area below it, AUSUC. A ring is where the model stands without a penalty"
    )
    dot = ", a dot where the chosen penalty puts it" if any(one.chosen for one in curves) else ""
    return element("p", f"{text}{dot}.", class_="note")


def _head(*, has_calibrated: bool) -> Markup:
    groups = ["as they are", *(["calibrated"] if has_calibrated else [])]
    top = [
        element("th", group, colspan=len(COLUMNS), scope="colgroup", class_="group")
        for group in groups
    ]
    columns = [element("th", name, scope="col") for _ in groups for name in COLUMNS]
    area = element("th", "AUSUC", scope="col")
    return element(
        "thead",
        element("tr", element("th"), *top, element("th")),
        element("tr", element("th"), *columns, area),
    )


def _row(data: ReportData, model: str, name: str, calibrated: Balance | None) -> Markup:
    own = balance_of(data.metrics, model, name)
    figures = [*own.figures, *(calibrated.figures if calibrated else ())]
    figures.append(data.metrics.get(f"{model}/{name}/{AUSUC}"))
    return model_row(data, model, _cells(figures))


def _cells(figures: Sequence[float | None]) -> list[Markup]:
    shown = ["–" if figure is None else f"{100 * figure:.1f}" for figure in figures]
    return [element("td", text) for text in shown]


SECTION = Section(
    "generalised",
    "Seen and unseen",
    "Seen and unseen together: generalised zero-shot",
    generalised_section,
)
