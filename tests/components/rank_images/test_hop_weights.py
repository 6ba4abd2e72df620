import numpy as np
import pytest

from components.rank_images.hop_weights import hop_table, hop_weights
from components.shared.ranking.hierarchy import build_hierarchy, hops_to

EDGES = [("top", "a"), ("top", "b"), ("b", "c"), ("island", "d")]
HIERARCHY = build_hierarchy(EDGES)
LABELS = ["a", "b", "c", "d", "outside"]


def test_hops_are_counted_by_hand() -> None:
    found = hop_table(HIERARCHY, ["a", "outside"], LABELS)
    assert found.tolist() == [
        [0, 2, 3, np.inf, np.inf],
        [np.inf, np.inf, np.inf, np.inf, 0],
    ]


def test_the_table_is_what_each_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.rank_images.hop_weights._SEARCHES_TOGETHER", 3)
    generator = np.random.default_rng(0)
    pairs = generator.integers(0, 40, (45, 2))
    hierarchy = build_hierarchy([(f"n{a}", f"n{b}") for a, b in pairs if a != b])
    labels = [f"n{number}" for number in range(45)]
    table = hop_table(hierarchy, labels, labels[::-1])
    for label, row in zip(labels, table, strict=True):
        hops = hops_to(hierarchy, label, labels)
        assert row.tolist() == [hops.get(other, np.inf) for other in labels[::-1]]


def test_the_weight_falls_with_the_hops_and_is_none_where_no_way_leads() -> None:
    weights = hop_weights(HIERARCHY, ["a"], LABELS, 0.5)[0]
    assert weights == pytest.approx([1, np.exp(-1), np.exp(-1.5), 0, 0])
    assert hop_weights(HIERARCHY, ["a"], LABELS, 0.0)[0].tolist() == [1, 1, 1, 0, 0]
