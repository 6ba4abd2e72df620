import re
from pathlib import Path

import pytest

from components.shared.ranking.hierarchy import build_hierarchy, correct_sets_of, mean_sizes
from components.shared.ranking.published import (
    LATER_WORK,
    MEAN_CORRECT_SET_SIZES,
    PAPER_HIERARCHY,
    RELEASED_GRAPH,
    TABLE_1,
    TABLE_4,
    ZERO_SHOT,
    MeanCorrectSetSizes,
    PublishedRow,
    SplitOf2010Row,
    published_correct_set_sizes,
    published_rows,
)

LISTS = {"seen": None, "2-hop": "2-hops.txt", "3-hop": "3-hops.txt", "all": "all.txt"}
OURS = [sizes for sizes in MEAN_CORRECT_SET_SIZES if sizes.hierarchy != PAPER_HIERARCHY]


@pytest.mark.parametrize("row", [*TABLE_1, *ZERO_SHOT, *LATER_WORK])
def test_every_figure_is_a_share_and_flat_hits_grow_with_k(row: PublishedRow) -> None:
    hits = [row.flat_hit_at[k] for k in sorted(row.flat_hit_at)]
    assert hits == sorted(hits)
    assert all(0 <= value <= 1 for value in [*hits, *row.hierarchical_precision_at.values()])


@pytest.mark.parametrize("row", [*TABLE_1, *ZERO_SHOT, *LATER_WORK, *TABLE_4])
def test_every_figure_names_the_table_and_row_that_it_was_read_from(
    row: PublishedRow | SplitOf2010Row,
) -> None:
    place = r"Frome et al\. 2013, tables? .*, row .+|https://github\.com/.+, Main Results, row .+"
    assert re.fullmatch(place, row.source)
    assert "memory" not in row.source


@pytest.mark.parametrize("row", ZERO_SHOT)
def test_hierarchical_precision_at_1_is_flat_hit_at_1(row: PublishedRow) -> None:
    assert row.hierarchical_precision_at[1] == pytest.approx(row.flat_hit_at[1])


def test_rows_are_found_by_candidate_set_the_papers_first() -> None:
    rows = published_rows("2-hop")
    assert [row.model for row in rows] == ["devise", "SYNC", "GCNZ"]
    assert rows[0].flat_hit_at == {1: 0.06, 2: 0.1, 5: 0.181, 10: 0.264, 20: 0.364}
    assert {row.model for row in published_rows("seen")} == {
        *("softmax", "devise", "random", "chance")
    }
    assert published_rows("unseen") == ()


def test_sizes_are_found_for_a_set_alone_and_with_the_seen_labels() -> None:
    assert published_correct_set_sizes("2-hop") == published_correct_set_sizes("2-hop_plus_seen")
    assert published_correct_set_sizes("seen")[0].size_at == {2: 6.5, 5: 12.5, 10: 22.5, 20: 41.7}


@pytest.mark.real_data
@pytest.mark.parametrize("sizes", OURS, ids=lambda s: f"{s.candidates}-{s.hierarchy[:8]}")
def test_our_own_mean_sizes_are_what_the_hierarchies_give(
    shared_data: Path, sizes: MeanCorrectSetSizes
) -> None:
    folder = shared_data / "taxonomy"
    name = "imagenet.structure.txt" if sizes.hierarchy == RELEASED_GRAPH else "wordnet.is_a.txt"
    pairs = [line.split() for line in (folder / name).read_text().splitlines()]
    unseen = LISTS[sizes.candidates]
    labels = [wnid for f in ("1k.txt", unseen) if f for wnid in (folder / f).read_text().split()]
    ks = sorted(sizes.size_at)
    hierarchy = build_hierarchy((a, b) for a, b in pairs)
    found = mean_sizes(correct_sets_of(hierarchy, labels, labels, ks), ks)
    assert len(labels) == sizes.label_count
    assert found == pytest.approx(dict(sizes.size_at), rel=0.01, abs=0.05)
