"""Generalised zero-shot: what is left of seen and unseen classes where their labels compete."""

from collections.abc import Sequence

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.model_row import model_row
from components.draw_report.section import Section
from components.shared.artifacts.evaluation import CHANCE, calibrated_of, is_calibrated
from components.shared.ranking.metrics import AUSUC
from components.shared.statistics.generalised import Balance, balance_of

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
    return [element("h3", f"Seen and {name}"), element("div", table, class_="scroll")]


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
