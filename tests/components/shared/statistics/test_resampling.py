"""Means under resampling, beside loops over draws and cases worked by hand."""

import numpy as np
import pandas as pd
import pytest
from twins import resampling as twin

from components.shared.statistics.resampling import (
    bootstrap_means,
    class_bootstrap_means,
    class_sign_flipped_means,
    per_class_means,
    sign_flipped_means,
)

SAMPLES, SEED = 200, 3
CLASSES = np.array([1, 0, 0, 2, 1, 0, 3, 1, 0, 0])
"""Of sizes 5, 3, 1 and 1, not in order."""


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return np.random.default_rng(0).random((len(CLASSES), 3))


def test_classes_and_their_images_are_drawn_as_by_a_loop(values: np.ndarray) -> None:
    found = class_bootstrap_means(values, CLASSES, SAMPLES, SEED)
    for column in range(3):
        own = values[:, column].tolist()
        expected = twin.class_bootstrap_means(own, CLASSES.tolist(), SAMPLES, SEED)
        assert found[:, column] == pytest.approx(expected)


def test_where_images_of_a_class_are_alike_a_mean_is_that_of_the_classes_drawn() -> None:
    # Two classes of two images: both of the first hit, none of the second.
    values, classes = np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([0, 0, 1, 1])
    means = class_bootstrap_means(values, classes, 2000, SEED)[:, 0]
    assert set(means.tolist()) == {0.0, 0.5, 1.0}
    # Of four pairs of classes one is all hits, one none, two are half.
    assert (means == 0.5).mean() == pytest.approx(0.5, abs=0.04)
    # One coin a class: the sums +2 and -2 over four images.
    flipped = class_sign_flipped_means(values, classes, 2000, SEED)[:, 0]
    assert set(flipped.tolist()) == {-0.5, 0.5}


def test_a_model_resampled_alone_meets_the_draws_of_all(values: np.ndarray) -> None:
    for draw in (class_bootstrap_means, class_sign_flipped_means):
        both = draw(values, CLASSES, SAMPLES, SEED)
        assert np.allclose(draw(values[:, 1:2], CLASSES, SAMPLES, SEED), both[:, 1:2], atol=1e-14)


def test_images_are_drawn_apart_from_the_classes_and_from_those_of_other_classes() -> None:
    number = 6
    classes, image = np.repeat(np.arange(number), number), np.tile(np.arange(number), number)
    own = (classes[:, None] == np.arange(number)).astype(float)
    values = np.column_stack([classes, own, own * image[:, None]])
    seeds = range(400)
    means = np.concatenate([class_bootstrap_means(values, classes, 1, seed) for seed in seeds])
    times, sums = means[:, 1 : 1 + number], means[:, 1 + number :]
    # What was drawn of a class that was not drawn at all is nothing.
    drawn = np.divide(sums, times, out=np.full_like(sums, np.nan), where=times > 0)
    columns = pd.DataFrame(np.column_stack([means[:, 0], drawn]))
    correlations = columns.corr().to_numpy()[np.triu_indices(1 + number, 1)]
    assert np.abs(correlations).max() < 0.3


def test_the_mean_over_classes_counts_a_small_class_as_much_as_a_large_one() -> None:
    values, classes = np.array([[1.0], [0.0], [0.0], [0.0], [1.0]]), np.array([0, 0, 0, 0, 1])
    assert per_class_means(values, classes).tolist() == [(1 / 4 + 1) / 2]


def test_blocks_of_a_class_do_not_change_the_draws(
    values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = class_bootstrap_means(values, CLASSES, SAMPLES, SEED)
    monkeypatch.setattr("components.shared.statistics.resampling._BLOCK_ELEMENTS", 7 * 5)
    again = class_bootstrap_means(values, CLASSES, SAMPLES, SEED)
    assert np.allclose(again, whole, rtol=0, atol=1e-14)


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


def test_blocks_do_not_change_the_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.random.default_rng(0).random((40, 3))
    whole = bootstrap_means(values, SAMPLES, SEED)
    flipped = sign_flipped_means(values, SAMPLES, SEED)
    monkeypatch.setattr("components.shared.statistics.resampling._BLOCK_ELEMENTS", 7 * 40)
    assert np.allclose(bootstrap_means(values, SAMPLES, SEED), whole, rtol=0, atol=1e-14)
    again = sign_flipped_means(values, SAMPLES, SEED)
    assert np.allclose(again, flipped, rtol=0, atol=1e-14)
