"""The comparison tables: flat hit@k and hierarchical precision@k of every model and of chance.

Under each stand the published rows, marked as another data set; below all of them what the
variants change.
"""

from collections.abc import Mapping, Sequence

from components.draw_report.claims import interval_of
from components.draw_report.data import ReportData, variant_settings
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.model_row import model_row
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN, SEEN_AMONG, CandidateSet
from components.shared.artifacts.evaluation import (
    CHANCE,
    CONSE_HIERARCHY,
    DGP,
    SOFTMAX_HIERARCHY,
    conse_over,
    eszsl_over,
    exem_over,
    is_phase_1,
)
from components.shared.artifacts.model_names import name_of, within_a_sentence
from components.shared.plurals import counted
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION, KS
from components.shared.ranking.published import PAPER, PublishedRow, published_rows
from components.shared.settings.variants import saw_images

PRECISION_KS = tuple(k for k in KS if k > 1)
COLUMNS = tuple(f"{FLAT_HIT}{k}" for k in KS) + tuple(
    f"{HIERARCHICAL_PRECISION}{k}" for k in PRECISION_KS
)

NEAREST = "2-hop"
"""The published set shown beside zero-shot sets that the paper does not have."""

DATA_SETS = {"seen": "ILSVRC 2012, 1,000 labels", "2-hop": "ImageNet 2-hop, 1,589 unseen labels",
             "3-hop": "ImageNet 3-hop, 7,860 unseen labels",
             "all": "ImageNet 21K, 20,841 unseen labels"}  # fmt: skip

READ_THE_HIERARCHY = (SOFTMAX_HIERARCHY, CONSE_HIERARCHY, DGP)
"""Rows that read it in every run."""


def tables_section(data: ReportData) -> list[Child]:
    """Show one table for each candidate set; no figure is marked."""
    note = element(
        "p",
        "What hit@k, hierarchical precision and the models are, ",
        element("a", "the method's section", href="#method"),
        " says in a line each. No figure is marked: which differences are told stands under ",
        element("a", "Differences", href="#tests"),
        ". ",
        _interval_note(data),
        "Grey rows in italics are the paper's, on ImageNet: other images and other labels, for "
        "orientation only.",
        class_="note",
    )
    tables = [_table(data, candidates) for candidates in data.sets]
    return [note, *tables, *_hierarchy_note(data), *variants_part(data)]


def title_of(candidates: CandidateSet) -> str:
    """Say in words which labels are ranked on which images."""
    if candidates.name == SEEN:
        return "Seen classes"
    if not candidates.is_zero_shot:
        return f"Seen classes among seen and zero-shot: {candidates.name.removeprefix(SEEN_AMONG)}"
    if candidates.name == candidates.labels:
        return f"Zero-shot: {candidates.labels}"
    return f"Zero-shot plus seen: {candidates.labels}"


def _interval_note(data: ReportData) -> str:
    if not (data.confidence or {}).get("intervals"):
        return "No intervals were computed. "
    return (
        "Small figures are 95 % bootstrap intervals, over images on seen classes and over "
        "classes on unseen ones. "
    )


def _table(data: ReportData, candidates: CandidateSet) -> Markup:
    models = [*data.final_models(candidates.name), CHANCE]
    paper = [paper_rows(candidates.name, KS, PRECISION_KS)] if is_published(candidates) else []
    heading = element("h3", title_of(candidates), *_contaminated(data, candidates))
    text = element("p", _explanation(data, candidates), class_="note")
    shown = figures_table([*_rows(data, candidates, models), *paper])
    return element("div", heading, text, shown, *_phase_1(data, candidates), class_="table")


def figures_table(bodies: Sequence[Markup], class_: str = "figures") -> Markup:
    """Return a table of hit@k and precision@k, which stands in three lines a row on a phone.

    Args:
        bodies: Its bodies.
        class_: Of the table.
    """
    return element("div", element("table", table_head(), *bodies, class_=class_), class_="scroll")


def _rows(data: ReportData, candidates: CandidateSet, models: Sequence[str]) -> list[Markup]:
    return [element("tbody", *(_row(data, candidates, model) for model in models))]


def _phase_1(data: ReportData, candidates: CandidateSet) -> list[Markup]:
    """Fold the models as phase 1 leaves them."""
    models = [model for model in data.answering(candidates.name) if is_phase_1(model)]
    if not models:
        return []
    summary = element("summary", f"Phase 1 of {counted(len(models), 'model')}")
    shown = figures_table(_rows(data, candidates, models))
    return [element("details", summary, shown, class_="in-print")]


def _contaminated(data: ReportData, candidates: CandidateSet) -> list[Markup]:
    if not (data.contaminated and candidates.is_zero_shot):
        return []
    return [element("span", "zero_shot_contaminated", class_="badge warning")]


def _explanation(data: ReportData, candidates: CandidateSet) -> str:
    images, labels = int(candidates.images.sum()), len(candidates.members)
    text = f"{counted(images, 'test image')}, {counted(labels, 'label')} to choose from."
    if labels < max(KS):
        text += f" Beyond k = {labels:,} nothing is measured (–): there are no more labels."
    if candidates.name == SEEN:
        return text
    if not candidates.is_zero_shot:
        return f"{text} The images of the seen classes; now the unseen labels compete as well."
    if candidates.name == candidates.labels:
        text += " " + _SEEN_BY_WEIGHTS if data.contaminated else " No model saw an image of these."
    else:
        text += " The same images; now the seen labels compete as well."
    if any(map(saw_images, data.final_models(candidates.name))):
        text += f" {_SEEN_BY_LABEL_VECTORS}"
    return text + " The softmax can only answer with seen labels: its hits are zero by nature."


_SEEN_BY_WEIGHTS = "The pretrained weights had seen images of some of these labels."
_SEEN_BY_LABEL_VECTORS = (
    "But the label vectors of what is called “saw images” were trained on images and their texts, "
    "these labels' perhaps among them: no zero-shot figure."
)


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


def _row(data: ReportData, candidates: CandidateSet, model: str) -> Markup:
    cells = (_cell(data, candidates.name, model, number) for number in range(len(COLUMNS)))
    return model_row(data, model, cells)


def _cell(data: ReportData, candidates: str, model: str, number: int) -> Markup:
    column = COLUMNS[number]
    if not data.is_ranked(candidates, column):
        return element("td", "–", class_=column_class(number))
    figure = f"{100 * data.metrics[f'{model}/{candidates}/{column}']:.1f}"
    interval = _interval(data, model, candidates, column)
    return element("td", element("span", figure), *interval, class_=column_class(number))


def _interval(data: ReportData, model: str, candidates: str, column: str) -> list[Markup]:
    interval = interval_of(data, model, candidates, column)
    low, high = (f"{100 * bound:.1f}" for bound in interval or (0.0, 0.0))
    return [] if low == high else [element("small", f"{low}–{high}")]


def column_class(number: int) -> str | None:
    """Return the class of a cell of a column: whether a group starts."""
    return "first" if number in (0, len(KS)) else None


def paper_rows(candidates: str, hit_ks: Sequence[int], precision_ks: Sequence[int]) -> Markup:
    """Return the body of the published rows, under a line that says what they are.

    Args:
        candidates: Name of the candidate set; one unknown to the paper is put beside 2-hop.
        hit_ks: Columns of flat hit@k.
        precision_ks: Columns of hierarchical precision@k.
    """
    rows = published_beside(candidates)
    columns = 1 + len(hit_ks) + len(precision_ks)
    data_set = DATA_SETS[rows[0].candidates.removesuffix(PLUS_SEEN)]
    plus = " and the 1,000 seen" if rows[0].candidates.endswith(PLUS_SEEN) else ""
    text = f"Published, on another data set: {data_set}{plus}"
    head = element("tr", element("th", text, colspan=columns, scope="rowgroup"))
    body = [_paper_row(row, hit_ks, precision_ks) for row in rows]
    return element("tbody", head, *body, class_="published")


def is_published(candidates: CandidateSet) -> bool:
    """Whether the paper has rows of such images: it ranks none of a seen class among unseen."""
    return candidates.is_zero_shot or candidates.name == SEEN


def published_beside(candidates: str) -> tuple[PublishedRow, ...]:
    """Return the published rows of a set; for one the paper does not have, its own of 2-hop."""
    rows = published_rows(candidates)
    if rows:
        return rows
    nearest = NEAREST + (PLUS_SEEN if candidates.endswith(PLUS_SEEN) else "")
    return tuple(row for row in published_rows(nearest) if row.source.startswith(PAPER))


def _paper_row(row: PublishedRow, hit_ks: Sequence[int], precision_ks: Sequence[int]) -> Markup:
    name = name_of(row.model) + (f", {row.dim:,} dim" if row.dim else "")
    cells = [
        *_paper_cells(row.flat_hit_at, hit_ks),
        *_paper_cells(row.hierarchical_precision_at, precision_ks),
    ]
    return element("tr", element("th", name, scope="row", title=row.source), *cells)


def _paper_cells(figures: Mapping[int, float], ks: Sequence[int]) -> list[Markup]:
    return [
        element(
            "td",
            f"{100 * figures[k]:.1f}" if k in figures else "–",
            class_="first" if number == 0 else None,
        )
        for number, k in enumerate(ks)
    ]


def variants_part(data: ReportData) -> list[Markup]:
    """Show each variant's settings; nothing where the run has no variants."""
    variants = variant_settings(data.facts)
    if not variants:
        return []
    rows = [[name_of(name), _changes(settings)] for name, settings in variants.items()]
    heading = element("h3", "What the variants change")
    return [heading, plain_table(["", ""], rows, "plain settings")]


def _changes(settings: Mapping[str, str]) -> str:
    texts = (f"{name} = {value}" for name, value in settings.items())
    return ", ".join(texts) or "nothing: the main model once more"


def _hierarchy_note(data: ReportData) -> list[Markup]:
    """Say whose precision is no independent measure, because it comes from the hierarchy."""
    read_it = _that_read_it(data)
    named = [within_a_sentence(row) for row in data.models if row in read_it]
    if not named:
        return []
    text = (
        "Of these rows training, label vectors or ranking read the hierarchy that hierarchical "
        f"precision is measured on: {'; '.join(named)}. There precision shows how well it was "
        "learned. Zero-shot hits are measured without it."
    )
    return [element("p", text, class_="note")]


def _that_read_it(data: ReportData) -> set[str]:
    """Return the rows that read the hierarchy, those before phase 2 and calibrated ones apart."""
    retrofitted = data.artifacts.retrofitted
    over = {name(model) for name in (conse_over, exem_over, eszsl_over) for model in retrofitted}
    return {*READ_THE_HIERARCHY, *data.artifacts.soft_labels, *retrofitted, *over}


SECTION = Section("comparison", "Comparison", "Comparison", tables_section)
