from itertools import pairwise

import numpy as np
import pytest

from components.rank_images.hops import hops_between
from components.shared.ranking.hierarchy import build_hierarchy, hops_to

EDGES = [("top", "a"), ("top", "b"), ("b", "c"), ("island", "d")]
HIERARCHY = build_hierarchy(EDGES)
LABELS = ["a", "b", "c", "d", "outside"]


def test_hops_are_counted_by_hand() -> None:
    found = hops_between(HIERARCHY, ["a", "outside"], LABELS)
    assert found.to(LABELS).tolist() == [
        [0, 2, 3, np.inf, np.inf],
        [np.inf, np.inf, np.inf, np.inf, 0],
    ]


def test_they_are_what_each_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.rank_images.hops._SEARCHES_TOGETHER", 3)
    generator = np.random.default_rng(0)
    pairs = generator.integers(0, 40, (45, 2))
    hierarchy = build_hierarchy([(f"n{a}", f"n{b}") for a, b in pairs if a != b])
    labels = [f"n{number}" for number in range(45)]
    table = hops_between(hierarchy, labels, labels).to(labels[::-1])
    for label, row in zip(labels, table, strict=True):
        hops = hops_to(hierarchy, label, labels)
        assert row.tolist() == [hops.get(other, np.inf) for other in labels[::-1]]


def test_no_more_is_kept_than_the_labels_take_of_all_nodes() -> None:
    chain = [f"n{number}" for number in range(1000)]
    hierarchy = build_hierarchy(pairwise(chain))
    found = hops_between(hierarchy, chain[:2], ["n900", "n900", "n9"])
    assert found.labels == ("n0", "n1", "n900", "n9")
    assert found.table.shape == (2, 4)
    assert found.table.dtype == np.float32
    assert found.to(["n9", "n900", "n1"]).tolist() == [[9, 900, 1], [8, 899, 0]]
