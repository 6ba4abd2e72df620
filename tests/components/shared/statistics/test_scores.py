"""Three images over a hierarchy a - b, b - c, where d stands alone."""

import numpy as np
import pandas as pd
import pytest
from twins import resampling as twin

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.metrics import KS, Correct, correct_labels
from components.shared.statistics.scores import (
    METRICS,
    PER_CLASS_METRICS,
    ImageScores,
    chance_scores,
    image_scores,
    mean_scores_of,
)

FRAME = pd.DataFrame({"wnid": ["a", "b", "d"]})
SEEN = CandidateSet("seen", "seen", ("a", "b"), frozenset("ab"), np.array([True, True, False]))
OWN = CandidateSet("own", "own", ("c", "d"), frozenset("abcd"), np.array([False, False, True]))
BOTH = CandidateSet(
    "own_plus_seen", "own", tuple("abcd"), frozenset("abcd"), np.array([False, False, True])
)
SETS = [SEEN, OWN, BOTH]
MODELS = ("softmax", "devise")
RANKINGS = {
    ("softmax", "seen"): ["ab", "ab"],
    ("devise", "seen"): ["ba", "b"],
    ("devise", "own"): ["dc"],
    ("devise", "own_plus_seen"): ["abdc"],
}


@pytest.fixture(scope="module")
def correct() -> Correct:
    return correct_labels(build_hierarchy([("a", "b"), ("b", "c")]), SETS)


def answers() -> dict[tuple[str, str], np.ndarray]:
    found: dict[tuple[str, str], np.ndarray] = {}
    for key, rankings in RANKINGS.items():
        found[key] = np.full((len(rankings), 20), None, dtype=object)
        for row, ranking in enumerate(rankings):
            found[key][row, : len(ranking)] = list(ranking)
    return found


@pytest.fixture(scope="module")
def scores(correct: Correct) -> list[ImageScores]:
    return list(image_scores(answers(), MODELS, SETS, correct, FRAME))


def test_each_candidate_set_has_the_models_that_answered_it(scores: list[ImageScores]) -> None:
    found = [(one.candidates, one.models) for one in scores]
    assert found == [
        ("seen", ("softmax", "devise")),
        ("own", ("devise",)),
        ("own_plus_seen", ("devise",)),
    ]


def test_columns_are_a_models_figures_side_by_side_under_their_public_names(
    scores: list[ImageScores],
) -> None:
    seen = scores[0]
    assert seen.values.shape == (2, 2 * len(METRICS)) == (2, 20)
    assert [seen.values.dtype.name, seen.figures.dtype.name] == ["float64", "uint8"]
    assert seen.names[0] == "softmax/seen/flat_hit_at_1"
    assert seen.names[seen.columns("devise")] == [f"devise/seen/{name}" for name in METRICS]
    assert [name.rpartition("_")[2] for name in METRICS] == 2 * [str(k) for k in KS]


def test_an_image_has_a_row_of_hits_and_precisions(scores: list[ImageScores]) -> None:
    softmax, devise = (scores[0].values[:, scores[0].columns(name)] for name in scores[0].models)
    # Of 1, 2, 5, 10 and 20 the hits, then the precisions: right labels by k.
    both = [1, 2 / 2, 2 / 5, 2 / 10, 2 / 20]
    late = [0, 2 / 2, 2 / 5, 2 / 10, 2 / 20]
    assert softmax.tolist() == [[1, 1, 1, 1, 1, *both], [0, 1, 1, 1, 1, *late]]
    # The second image has one label ranked: the others count as wrong.
    assert devise[0].tolist() == [0, 1, 1, 1, 1, *late]
    assert devise[1].tolist() == [1, 1, 1, 1, 1, 1, 1 / 2, 1 / 5, 1 / 10, 1 / 20]


def test_an_image_has_a_byte_a_figure_which_is_a_count_out_of_one_or_of_k(
    scores: list[ImageScores],
) -> None:
    seen = scores[0]
    assert seen.figures.nbytes == 2 * 2 * len(METRICS)
    assert seen.out_of == (1, 1, 1, 1, 1, *KS)
    # The first image: the softmax ranks the truth first, and both labels are near it.
    assert seen.figures[0, seen.columns("softmax")].tolist() == [1] * 5 + [1, 2, 2, 2, 2]
    for model in seen.models:
        assert np.array_equal(seen.of(model), seen.values[:, seen.columns(model)])


def test_images_compared_with_the_truth_in_blocks_have_the_same_figures(
    scores: list[ImageScores], correct: Correct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.shared.statistics.scores.IMAGES_AT_ONCE", 1)
    again = image_scores(answers(), MODELS, SETS, correct, FRAME)
    for whole, blocks in zip(scores, again, strict=True):
        assert np.array_equal(blocks.figures, whole.figures)


def test_a_label_outside_the_hierarchy_has_none_but_itself_near(
    scores: list[ImageScores],
) -> None:
    own, both = scores[1].values[0], scores[2].values[0]
    assert own.tolist() == [1, 1, 1, 1, 1, 1, 1 / 2, 1 / 5, 1 / 10, 1 / 20]
    assert both.tolist() == [0, 0, 1, 1, 1, 0, 0, 1 / 5, 1 / 10, 1 / 20]


def test_a_figure_is_the_mean_over_the_images_whose_number_stands_beside_it(
    scores: list[ImageScores],
) -> None:
    means = mean_scores_of(scores[0])
    more = ["images", "classes", *PER_CLASS_METRICS]
    assert set(means) == {*scores[0].names, *(f"{m}/seen/{name}" for m in MODELS for name in more)}
    assert means["softmax/seen/classes"] == 2
    assert means["softmax/seen/images"] == means["devise/seen/images"] == 2
    assert means["softmax/seen/flat_hit_at_1"] == 0.5
    assert means["devise/seen/hierarchical_precision_at_2"] == 0.75


def test_some_of_the_images_have_the_figures_of_a_run_without_the_others(
    scores: list[ImageScores],
) -> None:
    means = mean_scores_of(scores[0].only(np.array([False, True])))
    assert means["softmax/seen/images"] == means["softmax/seen/classes"] == 1
    assert means["softmax/seen/flat_hit_at_1"] == means["softmax/seen/per_class_hit_at_1"] == 0
    assert means["devise/seen/hierarchical_precision_at_2"] == 0.5


def test_chance_draws_from_the_candidates_with_and_without_a_vector(correct: Correct) -> None:
    chance = chance_scores(SETS, correct, FRAME)
    names = [*METRICS, *PER_CLASS_METRICS]
    assert set(chance) == {f"chance/{one.name}/{name}" for one in SETS for name in names}
    assert chance["chance/seen/per_class_hit_at_1"] == chance["chance/seen/flat_hit_at_1"]
    assert chance["chance/seen/flat_hit_at_1"] == 1 / 2
    assert chance["chance/seen/flat_hit_at_5"] == 1
    assert chance["chance/own_plus_seen/flat_hit_at_2"] == 2 / 4
    # Of the label d alone is right: of four candidates one, whatever k.
    assert chance["chance/own_plus_seen/hierarchical_precision_at_2"] == 1 / 4
    # Of both seen labels the two nearest are both: every draw of two is right.
    assert chance["chance/seen/hierarchical_precision_at_2"] == 1
    assert chance["chance/seen/hierarchical_precision_at_1"] == 1 / 2


def test_a_hit_per_class_is_that_of_a_loop_over_classes() -> None:
    classes = [0, 0, 0, 1, 2, 2]
    values = (np.random.default_rng(0).random((6, len(METRICS))) < 0.5).astype(float)
    own = ImageScores("own", ("devise",), values, np.array(classes), 20, True)
    means = mean_scores_of(own)
    for column, name in enumerate(PER_CLASS_METRICS):
        expected = twin.per_class_mean(values[:, column].tolist(), classes)
        assert means[f"devise/own/{name}"] == pytest.approx(expected)
    assert means["devise/own/classes"] == 3
