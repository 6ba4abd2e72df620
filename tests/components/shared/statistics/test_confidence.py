from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from twins import resampling as twin

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import CHANCE
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.metrics import FLAT_HIT, KS, correct_labels
from components.shared.ranking.nearest_labels import rank_synsets, terms_of
from components.shared.statistics.claims import Claim
from components.shared.statistics.confidence import Confidence, confidence_of
from components.shared.statistics.scores import (
    METRICS,
    ImageScores,
    chance_scores,
    image_scores,
    mean_scores_of,
)

MODELS = ("softmax", "softmax_continued", "devise")
BASELINES = {"devise": ["softmax", "softmax_continued"]}
SAMPLES, SEED = 200, 3


def scores_of(images: int, rates: tuple[float, ...] = (0.3, 0.4, 0.45)) -> ImageScores:
    draws = np.random.default_rng(0).random((images, len(rates), len(METRICS)))
    values = (draws < np.array(rates)[None, :, None]).astype(float)
    values[:, :, 5:] /= 5
    return ImageScores(
        "seen", MODELS, values.reshape(images, -1), np.zeros(images, dtype=int), 100, False
    )


@pytest.fixture(scope="module")
def scores() -> ImageScores:
    return scores_of(40)


@pytest.fixture(scope="module")
def confidence(scores: ImageScores) -> Confidence:
    return confidence_of(scores, BASELINES, SAMPLES, SEED)


def test_the_intervals_are_those_of_a_loop_over_resamples(
    scores: ImageScores, confidence: Confidence
) -> None:
    assert list(confidence.intervals) == scores.names
    for column, name in enumerate(scores.names):
        expected = twin.interval(scores.values[:, column].tolist(), SAMPLES, SEED)
        assert confidence.intervals[name] == pytest.approx(expected)


def test_the_paired_tests_are_those_of_a_loop_over_images(
    scores: ImageScores, confidence: Confidence
) -> None:
    ours = scores.values[:, scores.columns("devise")]
    theirs = scores.values[:, scores.columns("softmax_continued")]
    for column, metric in enumerate(METRICS):
        differences = (ours - theirs)[:, column].tolist()
        row = confidence.paired[f"devise_vs_softmax_continued/seen/{metric}"]
        assert row["difference"] == pytest.approx(sum(differences) / len(differences))
        assert row["interval"] == pytest.approx(twin.interval(differences, SAMPLES, SEED))
        assert row["p"] == twin.sign_flip_p(differences, SAMPLES, SEED)


def test_the_better_softmax_is_chosen_figure_by_figure(
    scores: ImageScores, confidence: Confidence
) -> None:
    means = scores.values.mean(axis=0)
    chosen = set()
    for column, metric in enumerate(METRICS):
        of = {model: means[scores.columns(model)][column] for model in MODELS[:2]}
        better = max(of, key=lambda model: of[model])
        chosen.add(better)
        row = confidence.paired[f"devise_vs_better_softmax/seen/{metric}"]
        assert row == confidence.paired[f"devise_vs_{better}/seen/{metric}"]
    assert len(chosen) == 2, "the example should have both"


def test_a_model_against_its_equal_differs_by_nothing_and_p_is_one() -> None:
    equal_scores = scores_of(30)
    figures = equal_scores.figures
    figures[:, 10:20] = figures[:, :10]
    figures[:, 20:] = figures[:, :10]
    equal = confidence_of(equal_scores, BASELINES, SAMPLES, SEED)
    for row in equal.paired.values():
        assert row == {"difference": 0.0, "interval": [0.0, 0.0], "unit": "images", "p": 1.0}


def test_a_clear_difference_has_the_smallest_p_and_an_interval_above_zero() -> None:
    clear = confidence_of(scores_of(500, (0.2, 0.25, 0.7)), BASELINES, SAMPLES, SEED)
    for row in clear.paired.values():
        assert row["p"] == 1 / (1 + SAMPLES)
        assert row["interval"][0] > 0


def by_class(classes: list[int], labels: int = 100) -> ImageScores:
    scores = scores_of(len(classes))
    codes = np.array(classes)
    return ImageScores("unseen", MODELS, scores.figures, codes, labels, True)


def test_figures_of_unseen_classes_are_drawn_and_flipped_by_class() -> None:
    scores = by_class([0, 0, 0, 1, 1, 2, 2, 2, 2, 3])
    found = confidence_of(scores, BASELINES, SAMPLES, SEED)
    assert set(found.units.values()) == {"classes"}
    assert list(found.units) == list(found.intervals) == scores.names
    ours, theirs = (scores.values[:, scores.columns(name)][:, 0] for name in MODELS[::-2])
    classes = scores.classes.tolist()
    row = found.paired["devise_vs_softmax/unseen/flat_hit_at_1"]
    differences = (ours - theirs).tolist()
    assert row["interval"] == pytest.approx(
        twin.class_interval(differences, classes, SAMPLES, SEED)
    )
    assert row["p"] == twin.class_sign_flip_p(differences, classes, SAMPLES, SEED)


@pytest.mark.parametrize("is_by_class", [False, True])
def test_counts_say_to_the_last_bit_what_their_shares_do(is_by_class: bool) -> None:
    draw, images = np.random.default_rng(4), 60
    out_of = (1, 1, 1, 1, 1, 1, 2, 5, 10, 20)
    counts = draw.integers(0, np.array(3 * out_of) + 1, (images, 30), dtype=np.uint8)
    shares = counts.astype(float) / np.array(3 * out_of)
    of = np.arange(images) % 7, 100, is_by_class
    held, plain = (
        ImageScores("a", MODELS, counts, *of, out_of),
        ImageScores("a", MODELS, shares, *of),
    )
    claim = Claim("devise", "softmax", "a", METRICS[7])
    found, expected = (
        confidence_of(one, BASELINES, SAMPLES, SEED, [claim]) for one in (held, plain)
    )
    assert found == expected
    assert mean_scores_of(held) == mean_scores_of(plain)
    assert held.means == dict(zip(plain.names, shares.mean(axis=0).tolist(), strict=True))


def test_one_class_has_no_interval_rather_than_a_wrong_one() -> None:
    claim = Claim("devise", "softmax", "unseen", "flat_hit_at_1")
    found = confidence_of(by_class([0] * 9), BASELINES, SAMPLES, SEED, [claim])
    assert not found.intervals
    assert not found.paired
    assert not found.claims
    assert found.too_few_classes == ["unseen"]
    assert found.claims_left_out == {claim.name: "The set has one class with images."}


def test_beyond_the_labels_there_are_nothing_is_tested_or_claimed() -> None:
    scores = by_class([0, 0, 1, 1, 2, 2], labels=5)
    claim = Claim("devise", "softmax", "unseen", "flat_hit_at_10")
    found = confidence_of(scores, BASELINES, SAMPLES, SEED, [claim])
    ks = {name.rpartition("_")[2] for name in found.paired}
    assert ks == {"1", "2", "5"}
    assert found.claims_left_out == {claim.name: "There are only 5 labels to choose from."}


def test_a_claim_is_made_against_the_strongest_row_of_its_kind_and_corrected() -> None:
    claims = [Claim("devise", "softmax", "seen", metric) for metric in METRICS[:3]]
    missing = Claim("devise", "conse", "seen", METRICS[0])
    scores = scores_of(200, (0.2, 0.3, 0.9))
    found = confidence_of(scores, BASELINES, SAMPLES, SEED, [*claims, missing]).corrected()
    assert found.claims_left_out == {missing.name: "The run has no row of the kind conse."}
    for metric in METRICS[:3]:
        row = found.claims[f"devise_vs_softmax/seen/{metric}"]
        paired = found.paired[f"devise_vs_{row['baseline']}/seen/{metric}"]
        assert row["baseline"] == "softmax_continued"
        assert {name: row[name] for name in paired} == paired
        assert row["p_holm"] == pytest.approx(3 / (1 + SAMPLES))
        assert row["told"]


def test_a_model_that_phase_2_left_as_it_was_differs_by_nothing_and_claims_nothing() -> None:
    scores = scores_of(30)
    models = ("softmax", "devise_phase_1", "devise")
    scores.figures[:, scores.columns("devise")] = scores.figures[:, 10:20]
    same = ImageScores("seen", models, scores.figures, scores.classes, 100, False)
    claim = Claim("devise", "devise_phase_1", "seen", METRICS[0])
    found = confidence_of(same, {}, SAMPLES, SEED, [claim]).corrected().claims
    assert list(found) == ["devise_vs_devise_phase_1/seen/flat_hit_at_1"]
    row = found[claim.name]
    assert (row["difference"], row["p_holm"], row["told"]) == (0.0, 1.0, False)


UNSEEN = tuple(f"n{number:08}" for number in range(40))
DIM, DRAWS = 300, 60
STRAY = 2.0
"""How far images are from their class, where classes are 1 from their mean: the intervals are then
about as wide as those of random vectors in docs/results.md."""


def random_vectors_ranked() -> Iterator[tuple[ImageScores, np.ndarray]]:
    """Scores of as many draws of label vectors on the same images, and the hits of chance there."""
    generator = np.random.default_rng(1)
    classes = np.repeat(np.arange(len(UNSEEN)), generator.integers(45, 56, len(UNSEEN)))
    centres = generator.standard_normal((len(UNSEEN), DIM))
    points = centres[classes] + STRAY * generator.standard_normal((len(classes), DIM))
    frame = pd.DataFrame({"wnid": np.array(UNSEEN)[classes]})
    every = np.ones(len(frame), dtype=bool)
    sets = [CandidateSet("unseen", "unseen", UNSEEN, frozenset(UNSEEN), every)]
    correct = correct_labels(build_hierarchy([]), sets)
    found = chance_scores(sets, correct, frame)
    chance = np.array([found[f"{CHANCE}/unseen/{FLAT_HIT}{k}"] for k in KS])
    for _ in range(DRAWS):
        vectors = generator.standard_normal((len(UNSEEN), DIM))
        table = [(wnid, one, [wnid]) for wnid, one in zip(UNSEEN, vectors, strict=True)]
        answers = {("random", "unseen"): rank_synsets(points, terms_of(table, UNSEEN))}
        (scores,) = image_scores(answers, ["random"], sets, correct, frame)
        yield scores, chance


def test_intervals_by_class_cover_chance_where_those_by_image_do_not() -> None:
    covered = {True: np.zeros(len(KS)), False: np.zeros(len(KS))}
    for draw, (scores, chance) in enumerate(random_vectors_ranked()):
        for by_class, times in covered.items():
            found = confidence_of(replace(scores, by_class=by_class), {}, SAMPLES, draw).intervals
            low, high = np.array([found[f"random/unseen/{FLAT_HIT}{k}"] for k in KS]).T
            times += (low <= chance) & (chance <= high)
    assert (covered[True] / DRAWS >= 0.9).all()
    assert (covered[False] / DRAWS < 0.9).all()
