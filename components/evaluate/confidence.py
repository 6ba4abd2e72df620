"""How sure the figures are: 95 % intervals over images, and paired tests of two models.

Intervals are the percentile bootstrap's (Efron and Tibshirani 1993, chapter 13): images are drawn
again with replacement, the same ones for every model, so that the interval of a difference is
that of the paired difference. A resample is a vector of counts, and the means of all models and
figures under many resamples are one matrix product.

p is that of the two-sided sign-flip randomisation test (Smucker, Allan and Carterette 2007): if
two models were equally good, either could have given either answer to an image, so the sign of
each image's difference would be a coin's. It counts the data as one of the flips and is never
zero (Phipson and Smyth 2010). Classes are taken as given: nothing here says how the figures would
be on other classes, or after another training; for the latter train with several seeds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from components.evaluate.scores import METRICS, ImageScores
from components.shared.artifacts.evaluation import BETTER_SOFTMAX, SOFTMAXES

PERCENTILES = (2.5, 97.5)
TIE = 1e-12
"""Means that differ by less are equal: sums in another order are rounded differently."""
_BLOCK_ELEMENTS = 1 << 22


@dataclass(frozen=True)
class Confidence:
    """Content of confidence.json.

    Attributes:
        samples: Number of resamples, and of sign flips.
        intervals: [low, high] of each figure of metrics.json, 95 %.
        paired: Difference, interval and p by `<model>_vs_<baseline>/<candidates>/<metric>`.
    """

    samples: int
    intervals: dict[str, list[float]] = field(default_factory=dict)
    paired: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __or__(self, other: "Confidence") -> "Confidence":
        """Put two candidate sets' together."""
        intervals, paired = self.intervals | other.intervals, self.paired | other.paired
        return Confidence(self.samples, intervals, paired)


@dataclass(frozen=True)
class PairedTest:
    """A model less a baseline on the same images; arrays [figures].

    Attributes:
        difference: Of the means.
        interval: [2, figures], low and high, 95 %.
        p: Two-sided.
    """

    difference: np.ndarray
    interval: np.ndarray
    p: np.ndarray


def confidence_of(
    scores: ImageScores, baselines: Mapping[str, list[str]], samples: int, seed: int
) -> Confidence:
    """Return the intervals and paired tests of one candidate set.

    Args:
        scores: Of every image.
        baselines: For each model that is tested, those it is tested against.
        samples: Number of resamples, and of sign flips.
        seed: Of both.
    """
    resampled = bootstrap_means(scores.values, samples, seed)
    flipped = sign_flipped_means(scores.values, samples, seed)
    low, high = np.percentile(resampled, PERCENTILES, axis=0).tolist()
    bounds = [list(pair) for pair in zip(low, high, strict=True)]
    paired: dict[str, dict[str, Any]] = {}
    for model, others in baselines.items():
        tests = {other: paired_test(scores, model, other, resampled, flipped) for other in others}
        for other, test in tests.items():
            paired |= _rows(f"{model}_vs_{other}/{scores.candidates}", test)
        paired |= _against_better_softmax(model, scores.candidates, tests)
    return Confidence(samples, dict(zip(scores.names, bounds, strict=True)), paired)


def bootstrap_means(values: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return the means of columns under resamples of the rows.

    Args:
        values: Float [images, columns].
        samples: Number of resamples.
        seed: Of the draws.

    Returns:
        float64 [samples, columns].
    """
    generator = np.random.default_rng(seed)
    images = len(values)

    def counts() -> np.ndarray:
        return np.bincount(generator.integers(0, images, images), minlength=images)

    return _weighted_means(values, samples, counts)


def sign_flipped_means(values: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return the means of columns where each row's sign is a coin's, the same for all columns.

    The mean of a flipped difference is the difference of two flipped means.

    Args:
        values: Float [images, columns].
        samples: Number of flips.
        seed: Of the coins.

    Returns:
        float64 [samples, columns].
    """
    generator = np.random.default_rng(seed)

    def signs() -> np.ndarray:
        return generator.integers(0, 2, len(values), dtype=np.int8) * 2 - 1

    return _weighted_means(values, samples, signs)


def _weighted_means(values: np.ndarray, samples: int, draw: Callable[[], np.ndarray]) -> np.ndarray:
    """Draw weights [images] for each sample and weight the rows, in blocks of samples."""
    block = max(1, _BLOCK_ELEMENTS // len(values))
    means = np.empty((samples, values.shape[1]))
    for start in range(0, samples, block):
        rows = range(start, min(start + block, samples))
        weights = np.stack([draw() for _ in rows]).astype(np.float64)
        means[start : rows.stop] = weights @ values / len(values)
    return means


def paired_test(
    scores: ImageScores, model: str, baseline: str, resampled: np.ndarray, flipped: np.ndarray
) -> PairedTest:
    """Test a model against a baseline by every figure.

    Args:
        scores: Of every image.
        model: The one that is asked about.
        baseline: The other.
        resampled: `bootstrap_means` of the scores.
        flipped: `sign_flipped_means` of the scores.
    """
    ours, theirs = scores.columns(model), scores.columns(baseline)
    difference = (scores.values[:, ours] - scores.values[:, theirs]).mean(axis=0)
    interval = np.percentile(resampled[:, ours] - resampled[:, theirs], PERCENTILES, axis=0)
    extreme = np.abs(flipped[:, ours] - flipped[:, theirs]) >= np.abs(difference) - TIE
    return PairedTest(difference, interval, (1 + extreme.sum(axis=0)) / (1 + len(flipped)))


def _rows(name: str, test: PairedTest) -> dict[str, dict[str, Any]]:
    return {f"{name}/{metric}": _row(test, column) for column, metric in enumerate(METRICS)}


def _row(test: PairedTest, column: int) -> dict[str, Any]:
    return {
        "difference": float(test.difference[column]),
        "interval": test.interval[:, column].tolist(),
        "p": float(test.p[column]),
    }


def _against_better_softmax(
    model: str, candidates: str, tests: Mapping[str, PairedTest]
) -> dict[str, dict[str, Any]]:
    """Every claim against the softmax is made against the better one by that figure.

    The better baseline is the one that the smaller difference is to; of equals the first.
    """
    softmaxes = [test for name in SOFTMAXES if (test := tests.get(name))]
    rows: dict[str, dict[str, Any]] = {}
    for column, metric in enumerate(METRICS if softmaxes else ()):
        differences = [float(test.difference[column]) for test in softmaxes]
        better = softmaxes[differences.index(min(differences))]
        rows[f"{model}_vs_{BETTER_SOFTMAX}/{candidates}/{metric}"] = _row(better, column)
    return rows
