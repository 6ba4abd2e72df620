"""The comparison tables: flat hit@k and hierarchical precision@k of every model and of chance."""

from components.draw_report.claims import interval_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Markup, element
from components.draw_report.names import colour_of, name_of
from components.draw_report.sections.paper_rows import paper_rows
from components.draw_report.sections.variants import variants_part
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import CHANCE
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION, KS

PRECISION_KS = tuple(k for k in KS if k > 1)
COLUMNS = tuple(f"{FLAT_HIT}{k}" for k in KS) + tuple(
    f"{HIERARCHICAL_PRECISION}{k}" for k in PRECISION_KS
)


def tables_section(data: ReportData) -> Markup:
    """Show one table for each candidate set, the best of each column marked."""
    note = element(
        "p",
        element("b", "Flat hit@k"),
        ": the share of images, in per cent, whose one true label is among the first k. ",
        element("b", "Hierarchical precision@k"),
        ": the mean share, in per cent, of the first k that lie near the true label in the "
        "hierarchy, the true one included (at k = 1 the two are the same). The highest figure of "
        "a column is marked, which alone does not say that it is reliably higher. ",
        _interval_note(data),
        "Grey rows in italics are the paper's, on ImageNet: other images and other labels, for "
        "orientation only.",
        class_="note",
    )
    tables = [_table(data, candidates) for candidates in data.sets]
    return element(
        "section", element("h2", "Comparison"), note, *tables, *variants_part(data), id="comparison"
    )


def title_of(candidates: CandidateSet) -> str:
    """Say in words which labels are ranked on which images."""
    if candidates.name == SEEN:
        return "Seen classes"
    if candidates.name == candidates.labels:
        return f"Zero-shot: {candidates.labels}"
    return f"Zero-shot plus seen: {candidates.labels}"


def best_models(data: ReportData, candidates: str, column: str) -> set[str]:
    """Return the models with the highest figure of a column, several where they tie."""
    figures = {m: data.metrics[f"{m}/{candidates}/{column}"] for m in data.answering(candidates)}
    highest = max(figures.values())
    return {model for model, figure in figures.items() if figure == highest and highest > 0}


def _interval_note(data: ReportData) -> str:
    if not (data.confidence or {}).get("intervals"):
        return "No intervals were computed. "
    return "Small figures are 95 % bootstrap intervals over the images. "


def _table(data: ReportData, candidates: CandidateSet) -> Markup:
    best = {column: best_models(data, candidates.name, column) for column in COLUMNS}
    models = [*data.answering(candidates.name), CHANCE]
    rows = [_row(data, candidates, model, best) for model in models]
    table = element(
        "table",
        table_head(),
        element("tbody", *rows),
        paper_rows(candidates.name, KS, PRECISION_KS),
        class_="figures",
    )
    heading = element("h3", title_of(candidates), *_contaminated(data, candidates))
    text = element("p", _explanation(data, candidates), class_="note")
    return element("div", heading, text, element("div", table, class_="scroll"), class_="table")


def _contaminated(data: ReportData, candidates: CandidateSet) -> list[Markup]:
    if not (data.contaminated and candidates.is_zero_shot):
        return []
    return [element("span", "zero_shot_contaminated", class_="badge warning")]


def _explanation(data: ReportData, candidates: CandidateSet) -> str:
    images, labels = int(candidates.images.sum()), len(candidates.members)
    text = f"{images:,} test images, {labels:,} labels to choose from."
    if labels < max(KS):
        text += (
            f" Beyond k = {labels} every list ends early while precision still divides by k; "
            "chance, the share of correct labels among the candidates, does not."
        )
    if not candidates.is_zero_shot:
        return text
    if candidates.name == candidates.labels:
        text += " " + _SEEN_BY_WEIGHTS if data.contaminated else " No model saw an image of these."
    else:
        text += " The same images; now the seen labels compete as well."
    return text + " The softmax can only answer with seen labels: its hits are zero by nature."


_SEEN_BY_WEIGHTS = "The pretrained weights had seen images of some of these labels."


def table_head() -> Markup:
    """Return the heads of the columns of hit@k and precision@k."""
    groups = element(
        "tr",
        element("th"),
        element("th", "Flat hit@k, %", colspan=len(KS), class_="group", scope="colgroup"),
        element(
            "th", "Hierarchical precision@k, %", colspan=len(PRECISION_KS), class_="group",
            scope="colgroup",
        ),
    )  # fmt: skip
    columns = [
        element("th", str(k), class_=column_class(number), scope="col")
        for number, k in enumerate((*KS, *PRECISION_KS))
    ]
    return element("thead", groups, element("tr", element("th", "k", scope="col"), *columns))


def _row(
    data: ReportData, candidates: CandidateSet, model: str, best: dict[str, set[str]]
) -> Markup:
    cells = []
    for number, column in enumerate(COLUMNS):
        figure = f"{100 * data.metrics[f'{model}/{candidates.name}/{column}']:.1f}"
        is_best = model in best[column]
        content = element("b", figure) if is_best else element("span", figure)
        interval = _interval(data, model, candidates.name, column)
        cells.append(element("td", content, *interval, class_=column_class(number, is_best)))
    swatch = element("i", class_=f"swatch back {colour_of(model, data.models)}")
    name = element("th", swatch, name_of(model), scope="row")
    return element("tr", name, *cells, class_=CHANCE if model == CHANCE else None)


def _interval(data: ReportData, model: str, candidates: str, column: str) -> list[Markup]:
    interval = interval_of(data, model, candidates, column)
    if interval is None or interval[0] == interval[1]:
        return []
    return [element("small", f"{100 * interval[0]:.1f}–{100 * interval[1]:.1f}")]


def column_class(number: int, is_best: bool = False) -> str | None:
    """Return the classes of a cell of a column: whether a group starts, whether it is best."""
    names = ["first"] if number in (0, len(KS)) else []
    return " ".join(names + (["best"] if is_best else [])) or None
