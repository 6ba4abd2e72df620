"""Labels and hierarchy: where vectors came from, which labels have none, hCorrectSet's sizes."""

from collections.abc import Sequence

from components.evaluate.report.data import ReportData
from components.evaluate.report.markup import Child, Markup, element
from components.shared.metrics import KS

SOURCES = {
    "first_term": "the first term",
    "synonym": "a synonym",
    "mean": "the mean of a term's words",
    "mean_of_terms": "the mean of the terms",
    "none": "no vector",
}
PUBLISHED = {
    "ImageNet 1K, published": (1.0, 6.5, 12.5, 22.5, 41.7),
    "2-hop, published": (1.0, 3.2, 16.8, 25.5, 45.2),
    "3-hop, published": (1.0, 4.4, 577.4, 635.4, 668.0),
    "ImageNet 21K, published": (1.0, 5.4, 273.3, 317.4, 350.6),
}
"""Mean sizes of hCorrectSet in Frome et al. 2013, A.3 (at k = 1 it is the true label alone)."""


def labels_section(data: ReportData) -> Markup:
    """Show the labels' vectors and the hierarchy."""
    return element(
        "section",
        element("h2", "Labels and hierarchy"),
        element(
            "div",
            element("div", element("h3", "Label vectors"), _sources(data), *_without(data)),
            element("div", element("h3", "Hierarchy"), *_hierarchy(data)),
            class_="columns",
        ),
        id="labels",
    )


def plain_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], class_: str = "plain"
) -> Markup:
    """Return a small table; its first column holds names, the others figures."""
    first, *others = head
    columns = [element("th", name, scope="col") for name in others]
    body = [
        element(
            "tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])
        )
        for row in rows
    ]
    titles = element("thead", element("tr", element("th", first, scope="col"), *columns))
    table = element("table", titles, element("tbody", *body), class_=class_)
    return element("div", table, class_="scroll")


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
    text = f"Labels without a vector ({len(missing):,}) stay in every figure and count as missed:"
    return [element("p", text), element("ul", *names, class_="names")]


def _hierarchy(data: ReportData) -> list[Child]:
    facts, taxonomy = data.facts, data.artifacts.taxonomy
    outside = facts["labels_outside_hierarchy"]
    text = (
        f"Read from {facts['hierarchy']}: {taxonomy['synsets']:,} synsets, "
        f"{taxonomy['edges']:,} edges, {len(taxonomy['nodes_without_terms']):,} nodes without "
        "terms that are only hopped over. "
    )
    text += (
        f"{len(outside):,} labels are not in it and are near nothing but themselves: "
        + ", ".join(data.names[wnid] for wnid in outside)
        if outside
        else "Every label is in it."
    )
    rows = {name: tuple(sizes.values()) for name, sizes in facts["mean_correct_set_size"].items()}
    table = [
        [name, *(f"{size:,.1f}" for size in sizes)] for name, sizes in (rows | PUBLISHED).items()
    ]
    head = ["Mean size of hCorrectSet", *(f"k = {k}" for k in KS)]
    return [element("p", text), plain_table(head, table)]
