import time

import numpy as np
import pytest
from twins import resampling as twin

from components.evaluate.confidence import (
    Confidence,
    bootstrap_means,
    confidence_of,
    sign_flipped_means,
)
from components.evaluate.scores import METRICS, ImageScores

MODELS = ("softmax", "softmax_continued", "devise")
BASELINES = {"devise": ["softmax", "softmax_continued"]}
SAMPLES, SEED = 200, 3


def scores_of(images: int, rates: tuple[float, ...] = (0.3, 0.4, 0.45)) -> ImageScores:
    draws = np.random.default_rng(0).random((images, len(rates), len(METRICS)))
    values = (draws < np.array(rates)[None, :, None]).astype(float)
    values[:, :, 5:] /= 5
    return ImageScores("seen", MODELS, values.reshape(images, -1))


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
    values = scores_of(30).values
    values[:, 10:20] = values[:, :10]
    values[:, 20:] = values[:, :10]
    equal = confidence_of(ImageScores("seen", MODELS, values), BASELINES, SAMPLES, SEED)
    for row in equal.paired.values():
        assert row == {"difference": 0.0, "interval": [0.0, 0.0], "p": 1.0}


def test_intervals_cover_the_true_mean_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(1)
    experiments, images = 400, 120
    values = (generator.random((images, experiments)) < 0.3).astype(float)
    covered = 0
    for seed in range(4):
        block = values[:, seed * 100 : (seed + 1) * 100]
        low, high = np.percentile(bootstrap_means(block, 800, seed), (2.5, 97.5), axis=0)
        covered += int(((low <= 0.3) & (high >= 0.3)).sum())
    assert 0.90 <= covered / experiments <= 0.985


def test_without_a_difference_small_p_are_as_rare_as_they_say() -> None:
    generator = np.random.default_rng(2)
    experiments, images, samples = 400, 120, 400
    first = (generator.random((images, experiments)) < 0.5).astype(float)
    second = (generator.random((images, experiments)) < 0.5).astype(float)
    flipped = sign_flipped_means(first - second, samples, 0)
    extreme = np.abs(flipped) >= np.abs((first - second).mean(axis=0)) - 1e-12
    p = (1 + extreme.sum(axis=0)) / (1 + samples)
    assert 0.01 <= (p <= 0.05).mean() <= 0.08
    assert 0.4 <= (p <= 0.5).mean() <= 0.6


def test_a_clear_difference_has_the_smallest_p_and_an_interval_above_zero() -> None:
    clear = confidence_of(scores_of(500, (0.2, 0.25, 0.7)), BASELINES, SAMPLES, SEED)
    for row in clear.paired.values():
        assert row["p"] == 1 / (1 + SAMPLES)
        assert row["interval"][0] > 0


def test_blocks_do_not_change_the_draws(
    scores: ImageScores, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = bootstrap_means(scores.values, SAMPLES, SEED)
    flipped = sign_flipped_means(scores.values, SAMPLES, SEED)
    monkeypatch.setattr("components.evaluate.confidence._BLOCK_ELEMENTS", 7 * 40)
    assert np.allclose(bootstrap_means(scores.values, SAMPLES, SEED), whole, rtol=0, atol=1e-14)
    again = sign_flipped_means(scores.values, SAMPLES, SEED)
    assert np.allclose(again, flipped, rtol=0, atol=1e-14)


def test_fifty_thousand_images_of_ten_models_take_seconds() -> None:
    values = np.random.default_rng(0).random((50_000, 100))
    started = time.perf_counter()
    bootstrap_means(values, 100, 0)
    sign_flipped_means(values, 100, 0)
    assert time.perf_counter() - started < 6, "a tenth of the default number of samples"
