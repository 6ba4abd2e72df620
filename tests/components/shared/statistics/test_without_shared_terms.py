"""Four images over a hierarchy a - b, b - c, where d stands alone; b and c share a term."""

import numpy as np
import pandas as pd
import pytest

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.label_space import SharingPair
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.metrics import KS, Correct, correct_labels
from components.shared.statistics.scores import METRICS, ImageScores
from components.shared.statistics.without_shared_terms import (
    figures_without,
    sharing_classes,
    shown_figures,
)

FRAME = pd.DataFrame({"wnid": ["a", "b", "b", "d"]})
OF_SEEN = np.array([True, True, True, False])
SEEN = CandidateSet("seen", "seen", ("a", "b"), frozenset("ab"), OF_SEEN)
OWN = CandidateSet("own", "own", ("c", "d"), frozenset("abcd"), ~OF_SEEN)
BOTH = CandidateSet("own_plus_seen", "own", tuple("abcd"), frozenset("abcd"), ~OF_SEEN)
AMONG = CandidateSet(
    "seen_among_own", "seen_among_own", tuple("abcd"), frozenset("abcd"), OF_SEEN
)  # fmt: skip
OTHER = CandidateSet("other", "other", ("d",), frozenset("abd"), ~OF_SEEN)
PAIR: SharingPair = {"seen": "b", "unseen": "c", "terms": ["x"]}
SETS = [SEEN, OWN, BOTH, AMONG, OTHER]


@pytest.fixture(scope="module")
def correct() -> Correct:
    return correct_labels(build_hierarchy([("a", "b"), ("b", "c")]), SETS)


def scores_of(candidates: CandidateSet, *hits: float) -> ImageScores:
    values = np.repeat(np.array(hits)[:, None], len(METRICS), axis=1)
    classes = np.unique(FRAME["wnid"][candidates.images], return_inverse=True)[1]
    return ImageScores(candidates.name, ("devise",), values, classes, 4, candidates.is_zero_shot)


def test_a_pair_concerns_the_sets_that_have_its_unseen_label_and_the_seen() -> None:
    concerned = ("seen", "own", "own_plus_seen", "seen_among_own")
    assert sharing_classes([PAIR], SETS) == dict.fromkeys(concerned, frozenset("bc"))
    assert sharing_classes([], SETS) == {}
    far: SharingPair = {"seen": "b", "unseen": "of no set", "terms": ["x"]}
    assert sharing_classes([far], SETS) == {}


def test_images_of_the_classes_are_left_out_of_every_figure(correct: Correct) -> None:
    found = figures_without(scores_of(AMONG, 1, 0, 0), AMONG, frozenset("bc"), correct, FRAME)
    assert found["devise/seen_among_own/flat_hit_at_1"] == 1
    assert found["devise/seen_among_own/images"] == 1
    assert found["devise/seen_among_own/classes"] == 1
    # Chance draws from all four labels as before; near a, at k = 2, are a and b.
    assert found["chance/seen_among_own/flat_hit_at_1"] == 1 / 4
    assert found["chance/seen_among_own/hierarchical_precision_at_2"] == 2 / 4
    of_all = figures_without(scores_of(AMONG, 1, 0, 0), AMONG, frozenset(), correct, FRAME)
    assert of_all["devise/seen_among_own/flat_hit_at_1"] == pytest.approx(1 / 3)


def test_where_no_image_is_left_there_is_no_figure(correct: Correct) -> None:
    assert figures_without(scores_of(OWN, 1), OWN, frozenset("d"), correct, FRAME) == {}


def test_a_table_has_figures_of_the_seen_the_unseen_and_both() -> None:
    shown = shown_figures("own")
    assert shown["own: hit@5"] == "own/flat_hit_at_5"
    assert {name.split("/")[0] for name in shown.values()} == {"seen", "own", "own_plus_seen"}
    assert all(int(name[-1]) in KS for name in shown.values() if "_at_" in name)
