"""The comparison tables: flat hit@k and hierarchical precision@k of every model and of chance."""

from collections.abc import Sequence

from components.evaluate.report.data import MODEL_NAMES, ReportData
from components.evaluate.report.markup import Markup, element
from components.shared.candidate_sets import SEEN, CandidateSet
from components.shared.metrics import FLAT_HIT, HIERARCHICAL_PRECISION, KS

PRECISION_KS = tuple(k for k in KS if k > 1)
COLUMNS = tuple(f"{FLAT_HIT}{k}" for k in KS) + tuple(
    f"{HIERARCHICAL_PRECISION}{k}" for k in PRECISION_KS
)
CHANCE = "chance"


def tables_section(data: ReportData) -> Markup:
    """Show one table for each candidate set, the best of each column marked."""
    note = element(
        "p",
        element("b", "Flat hit@k"),
        ": the share of images, in per cent, whose one true label is among the first k. ",
        element("b", "Hierarchical precision@k"),
        ": the mean share, in per cent, of the first k that lie near the true label in the "
        "hierarchy, the true one included (at k = 1 the two are the same). The best of a column "
        "is marked.",
        class_="note",
    )
    tables = [_table(data, candidates) for candidates in data.sets]
    return element("section", element("h2", "Comparison"), note, *tables, id="comparison")


def title_of(candidates: CandidateSet) -> str:
    """Say in words which labels are ranked on which images."""
    if candidates.name == SEEN:
        return "Seen classes"
    if candidates.name == candidates.labels:
        return f"Zero-shot: {candidates.labels}"
    return f"Zero-shot plus seen: {candidates.labels}"


def best_models(data: ReportData, candidates: str, column: str) -> set[str]:
    """Return the models with the highest figure of a column, several where they tie."""
    figures = {m: data.metrics[f"{m}/{candidates}/{column}"] for m in data.models(candidates)}
    highest = max(figures.values())
    return {model for model, figure in figures.items() if figure == highest and highest > 0}


def _table(data: ReportData, candidates: CandidateSet) -> Markup:
    best = {column: best_models(data, candidates.name, column) for column in COLUMNS}
    models = data.models(candidates.name)
    rows = [_row(data, candidates, model, best) for model in [*models, CHANCE]]
    table = element("table", _head(), element("tbody", *rows), class_="figures")
    heading = element("h3", title_of(candidates))
    text = element("p", _explanation(candidates), class_="note")
    return element("div", heading, text, element("div", table, class_="scroll"), class_="table")


def _explanation(candidates: CandidateSet) -> str:
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
        text += " No model has seen an image of these labels."
    else:
        text += " The same images; now the seen labels compete as well."
    return text + " The softmax can only answer with seen labels: its hits are zero by nature."


def _head() -> Markup:
    groups = element(
        "tr",
        element("th"),
        element("th", "Flat hit@k, %", colspan=len(KS), class_="group"),
        element("th", "Hierarchical precision@k, %", colspan=len(PRECISION_KS), class_="group"),
    )
    ks: Sequence[int] = (*KS, *PRECISION_KS)
    columns = [
        element("th", str(k), class_=_class(number), scope="col") for number, k in enumerate(ks)
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
        cells.append(element("td", content, class_=_class(number, is_best)))
    name = element("th", element("i", class_=f"swatch c-{model}"), MODEL_NAMES[model], scope="row")
    return element("tr", name, *cells, class_=CHANCE if model == CHANCE else None)


def _class(number: int, is_best: bool = False) -> str | None:
    names = ["first"] if number in (0, len(KS)) else []
    return " ".join(names + (["best"] if is_best else [])) or None
