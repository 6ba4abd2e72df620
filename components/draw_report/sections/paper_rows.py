"""The published rows beside a table, marked as another data set."""

from collections.abc import Mapping, Sequence

from components.draw_report.drawing.markup import Markup, element
from components.draw_report.names import NAMES
from components.shared.artifacts.candidate_sets import PLUS_SEEN
from components.shared.ranking.published import PAPER, PublishedRow, published_rows

NEAREST = "2-hop"
"""The published set shown beside zero-shot sets that the paper does not have."""

DATA_SETS = {"seen": "ILSVRC 2012, 1,000 labels", "2-hop": "ImageNet 2-hop, 1,589 unseen labels",
             "3-hop": "ImageNet 3-hop, 7,860 unseen labels",
             "all": "ImageNet 21K, 20,841 unseen labels"}  # fmt: skip


def paper_rows(candidates: str, hit_ks: Sequence[int], precision_ks: Sequence[int]) -> Markup:
    """Return the body of the published rows, under a line that says what they are.

    Args:
        candidates: name of the candidate set; one unknown to the paper is put beside 2-hop.
        hit_ks: columns of flat hit@k.
        precision_ks: columns of hierarchical precision@k.
    """
    rows = published_beside(candidates)
    columns = 1 + len(hit_ks) + len(precision_ks)
    data_set = DATA_SETS[rows[0].candidates.removesuffix(PLUS_SEEN)]
    plus = " and the 1,000 seen" if rows[0].candidates.endswith(PLUS_SEEN) else ""
    text = f"Published, on another data set: {data_set}{plus}"
    head = element("tr", element("th", text, colspan=columns, scope="rowgroup"))
    body = [_row(row, hit_ks, precision_ks) for row in rows]
    return element("tbody", head, *body, class_="published")


def published_beside(candidates: str) -> tuple[PublishedRow, ...]:
    """Return the published rows of a set; for one the paper does not have, its own of 2-hop."""
    rows = published_rows(candidates)
    if rows:
        return rows
    nearest = NEAREST + (PLUS_SEEN if candidates.endswith(PLUS_SEEN) else "")
    return tuple(row for row in published_rows(nearest) if row.source.startswith(PAPER))


def _row(row: PublishedRow, hit_ks: Sequence[int], precision_ks: Sequence[int]) -> Markup:
    name = NAMES.get(row.model, row.model) + (f", {row.dim:,} dim" if row.dim else "")
    cells = [*_cells(row.flat_hit_at, hit_ks), *_cells(row.hierarchical_precision_at, precision_ks)]
    return element("tr", element("th", name, scope="row", title=row.source), *cells)


def _cells(figures: Mapping[int, float], ks: Sequence[int]) -> list[Markup]:
    return [
        element(
            "td",
            f"{100 * figures[k]:.1f}" if k in figures else "–",
            class_="first" if number == 0 else None,
        )
        for number, k in enumerate(ks)
    ]
