"""Labels and hierarchy: where vectors came from, which labels have none, hCorrectSet's sizes."""

from collections.abc import Mapping
from typing import Any

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.word_quality import quality_rows
from components.shared.plurals import counted, verb
from components.shared.ranking.metrics import KS
from components.shared.ranking.published import MEAN_CORRECT_SET_SIZES, MeanCorrectSetSizes

SOURCES = {
    "first_term": "the first term",
    "synonym": "a synonym",
    "mean": "the mean of a term's words",
    "mean_of_terms": "the mean of the terms",
    "gloss": "its gloss alone",
    "neighbours": "neighbours in the hierarchy",
    "file": "a file, by wnid",
    "none": "no vector",
}


def labels_section(data: ReportData) -> list[Child]:
    """Show the labels' vectors and the hierarchy."""
    return [
        element(
            "div",
            element(
                "div",
                element("h3", "Label vectors"),
                _sources(data),
                *_without(data),
                *vector_quality(data),
            ),
            element("div", element("h3", "Hierarchy"), *_hierarchy(data)),
            class_="columns",
        ),
    ]


def _sources(data: ReportData) -> Markup:
    counts = data.artifacts.label_space["target_sources"]
    rows = [
        [SOURCES.get(source, source), f"{count:,}"] for source, count in counts.items() if count
    ]
    return plain_table(["Vector from", "labels"], rows)


def _without(data: ReportData) -> list[Child]:
    missing = data.artifacts.label_space["without_vector"]
    if not missing:
        return [element("p", "Every label has a vector.")]
    names = [element("li", data.names[wnid], element("code", wnid)) for wnid in missing]
    have = verb(len(missing), "has", "have")
    stay = verb(len(missing), "stays", "stay")
    count = verb(len(missing), "counts", "count")
    text = (
        f"{counted(len(missing), 'label')} {have} no vector, {stay} in every figure and {count} "
        "as missed:"
    )
    return [element("p", text), element("ul", *names, class_="names")]


def _hierarchy(data: ReportData) -> list[Child]:
    facts, taxonomy = data.facts, data.artifacts.taxonomy
    outside = facts["labels_outside_hierarchy"]
    text = (
        f"Read from {facts['hierarchy']}: {counted(taxonomy['synsets'], 'synset')}, "
        f"{counted(taxonomy['edges'], 'edge')}, "
        f"{counted(len(taxonomy['nodes_without_terms']), 'node')} without terms, only hopped over. "
    )
    text += (
        f"Not in it, and near nothing but themselves, {verb(len(outside), 'is', 'are')} "
        f"{counted(len(outside), 'label')}: " + ", ".join(data.names[wnid] for wnid in outside)
        if outside
        else "Every label is in it."
    )
    return [element("p", text), _sizes(data)]


def _sizes(data: ReportData) -> Markup:
    """Return the mean sizes of hCorrectSet here, and under them the published ones in grey."""
    found = data.facts["mean_correct_set_size"]
    own = [
        element("tr", element("th", name, scope="row"), *_cells(found[name]))
        for name in [SEEN, *data.zero_shot_sets()]
    ]
    published = [_published(sizes) for sizes in MEAN_CORRECT_SET_SIZES]
    columns = [element("th", f"k = {k}", scope="col") for k in KS]
    head = element("tr", element("th", "Mean size of hCorrectSet", scope="col"), *columns)
    title = element("th", "Published, or computed for ImageNet", colspan=1 + len(KS))
    table = element(
        "table",
        element("thead", head),
        element("tbody", *own),
        element("tbody", element("tr", title), *published, class_="published"),
        class_="plain",
    )
    return element("div", table, class_="scroll")


def _published(sizes: MeanCorrectSetSizes) -> Markup:
    graph = sizes.hierarchy.partition(" (")[0]
    name = element("th", f"{sizes.labels}: {graph}", scope="row", title=sizes.source)
    return element("tr", name, *_cells({1: 1.0, **sizes.size_at}))


def _cells(sizes: Mapping[Any, float]) -> list[Markup]:
    # A file of JSON has every k as a text, what was published as a number.
    by_k = {int(k): size for k, size in sizes.items()}
    return [element("td", f"{by_k[k]:,.1f}") for k in KS]


def vector_quality(data: ReportData) -> list[Child]:
    """Return a table of the figures under `quality` of the label space; nothing without them."""
    rows = [list(row) for row in quality_rows(data.artifacts.label_space.get("quality") or {})]
    if not rows:
        return []
    return [
        element("h3", "Quality of the word vectors"),
        plain_table(["Figure", "value"], rows, "plain facts"),
    ]


SECTION = Section("labels", "Labels", "Labels and hierarchy", labels_section)
