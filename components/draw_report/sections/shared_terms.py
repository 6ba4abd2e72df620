"""Labels of either role that share a term, and the figures without their classes."""

from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import percent
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.model_row import model_row
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import PLUS_SEEN
from components.shared.artifacts.evaluation import CHANCE, is_calibrated
from components.shared.plurals import counted, verb
from components.shared.ranking.metrics import HARMONIC_MEAN
from components.shared.statistics.without_shared_terms import shown_figures


def shared_terms_section(data: ReportData) -> list[Child]:
    """Show the pairs by name, and for each zero-shot set a table; a sentence without a pair."""
    pairs = data.artifacts.label_space["pairs_sharing_terms"]
    if not pairs:
        return [element("p", "No unseen label shares a term with a seen one.")]
    tables = [part for name in data.zero_shot_sets() for part in _of_set(data, name)]
    text = (
        f"{counted(len(pairs), 'pair')} of a seen and an unseen label "
        f"{verb(len(pairs), 'shares', 'share')} a term. Training moves images to its vector, by "
        "which the unseen label is ranked too, so that neither is quite what its name says:"
    )
    return [element("p", text), _pairs(data), *tables]


def _pairs(data: ReportData) -> Markup:
    items = [
        element(
            "li",
            f"{data.names[pair['seen']]} and {data.names[pair['unseen']]} ",
            element("small", ", ".join(term.replace("_", " ") for term in pair["terms"])),
            title=f"{pair['seen']}, {pair['unseen']}",
        )
        for pair in data.artifacts.label_space["pairs_sharing_terms"]
    ]
    return element("ul", *items, class_="names")


def _of_set(data: ReportData, name: str) -> list[Markup]:
    """Return a table of a set; nothing where none of its labels shares a term."""
    end = f"{name}{PLUS_SEEN}/{HARMONIC_MEAN}"
    models = [
        model
        for model in (*data.final_models(name), CHANCE)
        if f"{model}/{end}" in data.without and not is_calibrated(model)
    ]
    if not models:
        return []
    shown = shown_figures(name)
    head = [element("th", title, scope="col") for title in ("", *shown)]
    rows = [
        model_row(data, model, [_cell(data, model, figure) for figure in shown.values()])
        for model in models
    ]
    table = element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *rows),
        class_="plain without",
    )
    note = element(
        "p",
        "The same rankings without the images of these classes, in per cent; small, what stands in "
        "the other tables.",
        class_="note",
    )
    heading = element("h3", f"Without classes that share a term: {name}")
    return [heading, note, element("div", table, class_="scroll")]


def _cell(data: ReportData, model: str, figure: str) -> Markup:
    candidates, _, metric = figure.partition("/")
    without, of_all = (one.get(f"{model}/{figure}") for one in (data.without, data.metrics))
    is_ranked = metric == HARMONIC_MEAN or data.is_ranked(candidates, metric)
    if without is None or of_all is None or not is_ranked:
        return element("td", "–")
    return element(
        "td",
        f"{100 * without:.1f}",
        element("small", f"{100 * of_all:.1f}", title=f"of all classes {percent(of_all)}"),
    )


SECTION = Section("shared", "Shared terms", "Labels that share a term", shared_terms_section)
