from pathlib import Path

import gensim
import numpy as np
import pytest

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.ranking.hierarchy import build_hierarchy
from components.train_skipgram.quality import (
    JUDGEMENTS,
    agreement,
    first_known_terms,
    hierarchy_agreement,
    measure_quality,
    neighbours_beside_the_paper,
    quality_metrics,
    read_judgements,
    share_of_sharks,
    sharks,
    unit_vectors,
)

TERMS = ["north", "north_east", "east", "south"]
VECTORS = np.array([[0, 2], [3, 3], [1, 0], [0, -1]], dtype=np.float32)
LABELS = Taxonomy(
    {
        "n1": ("fish",),
        "n2": ("shark",),
        "n3": ("tiger shark", "Galeocerdo cuvieri"),
        "n4": ("hammerhead",),
        "n5": ("person",),
        "n6": ("shark",),
        "n7": ("card sharp",),
        "n8": ("porbeagle",),
    },
    [("n1", "n2"), ("n2", "n3"), ("n2", "n4"), ("n5", "n6"), ("n6", "n7"), ("n4", "n8")],
    "edges.is_a.txt",
)


def test_the_correlation_is_of_ranks_over_the_pairs_that_are_known() -> None:
    # Cosines: north-east 0, north-north_east 0.71, north-south -1.
    pairs = [("north", "east", 5.0), ("north", "north_east", 9.9), ("north", "south", 0.1)] * 20
    found = agreement(unit_vectors(TERMS, VECTORS), [*pairs, *[("north", "up", 3.0)] * 20])
    assert found == {"spearman": 1.0, "pairs": 80, "covered": 0.75}
    turned = [(a, b, -score) for a, b, score in pairs]
    assert agreement(unit_vectors(TERMS, VECTORS), turned)["spearman"] == -1.0


def test_fewer_than_50_pairs_have_no_correlation() -> None:
    unit, scores = unit_vectors(TERMS, VECTORS), [("north", "east", 5.0), ("north", "south", 1.0)]
    few = agreement(unit, [*scores * 24, ("north", "north", 9.0), *[("x", "y", 1.0)] * 49])
    assert few == {"spearman": None, "pairs": 98, "covered": 0.5}
    assert agreement(unit, scores * 25)["spearman"] == 1.0


@pytest.mark.parametrize(("name", "pairs"), [("wordsim_353", 353), ("simlex_999", 999)])
def test_the_collections_are_whole(name: str, pairs: int) -> None:
    folder = Path(gensim.__file__).parent / "test" / "test_data"
    read = read_judgements(folder / JUDGEMENTS[name])
    assert len(read) == pairs
    assert all(0 <= score <= 10 for _, _, score in read)


def test_cosines_that_fall_with_the_hops_correlate_negatively() -> None:
    angles = np.arange(8) * 0.3
    terms = [f"t{n}" for n in range(8)]
    vectors = unit_vectors(terms, np.stack([np.cos(angles), np.sin(angles)], axis=1))
    hierarchy = build_hierarchy([(f"n{n}", f"n{n + 1}") for n in range(7)])
    found = hierarchy_agreement(vectors, {f"n{n}": f"t{n}" for n in range(8)}, hierarchy, 0)
    # Short of -1 only by the rounding of cosines at the same number of hops.
    assert found["spearman"] == pytest.approx(-1.0, abs=0.03)
    assert found["pairs"] == 56
    assert found["cosine_by_hops"]["1"] == pytest.approx(np.cos(0.3), abs=1e-4)


def test_pairs_of_one_term_and_pairs_without_a_way_are_left_out() -> None:
    vectors = unit_vectors(TERMS, VECTORS)
    targets = {"n1": "north", "n2": "north", "n3": "east", "n5": "south"}
    found = hierarchy_agreement(vectors, targets, build_hierarchy(LABELS.edges), 0)
    assert found["pairs"] == 4
    assert set(found["cosine_by_hops"]) == {"1", "2"}


def test_the_draw_of_pairs_repeats_with_its_seed() -> None:
    size = 300
    terms = [f"t{n}" for n in range(size)]
    rows = np.random.default_rng(0).normal(size=(size, 4)).astype(np.float32)
    vectors = unit_vectors(terms, rows)
    hierarchy = build_hierarchy([(f"n{n}", f"n{n // 2}") for n in range(1, size)])
    targets = {f"n{n}": f"t{n}" for n in range(size)}
    one, again, other = (hierarchy_agreement(vectors, targets, hierarchy, s) for s in (0, 0, 1))
    assert one == again != other
    assert 9_900 <= one["pairs"] <= 10_000


def test_rare_terms_stand_for_no_synset() -> None:
    counts = {"fish": 9, "tiger_shark": 2, "galeocerdo_cuvieri": 5, "porbeagle": 4}
    known = first_known_terms(LABELS, build_hierarchy(LABELS.edges), counts, 5)
    assert known == {"n1": "fish", "n3": "galeocerdo_cuvieri"}


def test_sharks_are_those_below_the_shark_that_is_a_fish() -> None:
    expected = {"shark", "tiger_shark", "galeocerdo_cuvieri", "hammerhead", "porbeagle"}
    assert sharks(LABELS, LABELS.edges) == expected
    assert sharks(LABELS, []) == set()


def test_a_shark_has_the_word_or_is_a_kind() -> None:
    near = ["bull_shark", "sharks", "porbeagle", "sharkskin"]
    assert share_of_sharks(near, {"porbeagle"}) == 0.75
    assert share_of_sharks(near, set()) == 0.5


def test_neighbours_stand_beside_those_of_the_paper() -> None:
    counts = {"tiger_shark": 9, "bull_shark": 5, "teapot": 7}
    found = neighbours_beside_the_paper(counts, VECTORS[:3], [])
    assert found["tiger shark"]["here"] == ["bull_shark", "teapot"]
    assert (found["tiger shark"]["count"], found["tiger shark"]["counts"]) == (9, [5, 7])
    assert found["tiger shark"]["share_of_sharks"] == 0.5
    assert len(found["tiger shark"]["paper"]) == 9
    assert (found["car"]["here"], found["car"]["count"]) == ([], 0)


def test_a_vocabulary_without_the_words_has_no_figures_but_no_error() -> None:
    found = measure_quality({"xyzzy": 9}, np.ones((1, 2), np.float32), LABELS, [], 5, 0)
    assert quality_metrics(found) == {"wordsim_353_covered": 0.0, "simlex_999_covered": 0.0}
