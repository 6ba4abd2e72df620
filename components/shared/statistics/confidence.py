"""How sure the figures are: 95 % intervals, paired tests of two models, and the claims they allow.

Intervals are the percentile bootstrap's (Efron and Tibshirani 1993, chapter 13), the same draws
for every model, so that the interval of a difference is that of the paired difference. p is that of
the two-sided sign-flip randomisation test (Smucker, Allan and Carterette 2007): if two models were
equally good, either could have given either answer, so the sign of each difference would be a
coin's. It counts the data as one of the flips and is never zero (Phipson and Smyth 2010).

On the seen labels images are what is drawn and flipped: nothing is said there of other classes. On
unseen labels it is classes, and images within them. A set of one class has no interval and no test:
nothing in it says how another class would fare. Nothing is said of another training; for that
train with several seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from components.shared.artifacts.evaluation import BETTER_SOFTMAX, SOFTMAXES
from components.shared.statistics.claims import (
    LEVEL,
    Claim,
    holm_adjusted,
    rows_of,
    strongest,
    untestable,
)
from components.shared.statistics.resampling import (
    bootstrap_means,
    class_bootstrap_means,
    class_sign_flipped_means,
    sign_flipped_means,
)
from components.shared.statistics.scores import METRICS, ImageScores

PERCENTILES = (2.5, 97.5)
TIE = 1e-12
"""Means that differ by less are equal: sums in another order are rounded differently."""


IMAGES, CLASSES = "images", "classes"
"""What is drawn again."""


@dataclass(frozen=True)
class Confidence:
    """Content of confidence.json.

    Attributes:
        samples: Number of resamples, and of sign flips.
        intervals: [low, high] of each flat hit and hierarchical precision of metrics.json, 95 %.
        units: What was drawn again for each interval, `images` or `classes`, by the same names.
        paired: Difference, interval, unit and p by `<model>_vs_<baseline>/<candidates>/<metric>`.
        claims: The tests of the list of claims by `<model>_vs_<kind or row>/<candidates>/<metric>`:
            those of `paired`, the `baseline` that was the strongest, `p_holm` over the list, and
            whether the claim is `told`.
        claims_left_out: Claims that could not be tested, with the reason.
        too_few_classes: Candidate sets without interval and test, since they have one class.
    """

    samples: int
    intervals: dict[str, list[float]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    paired: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims_left_out: dict[str, str] = field(default_factory=dict)
    too_few_classes: list[str] = field(default_factory=list)

    def __or__(self, other: "Confidence") -> "Confidence":
        """Put two candidate sets' together."""
        return Confidence(
            self.samples,
            self.intervals | other.intervals,
            self.units | other.units,
            self.paired | other.paired,
            self.claims | other.claims,
            self.claims_left_out | other.claims_left_out,
            self.too_few_classes + other.too_few_classes,
        )

    def corrected(self) -> "Confidence":
        """Correct the claims' tests for the number of all of them that were made."""
        adjusted = holm_adjusted([test["p"] for test in self.claims.values()])
        claims = {
            name: {**test, "p_holm": p, "told": p <= LEVEL}
            for (name, test), p in zip(self.claims.items(), adjusted, strict=True)
        }
        return replace(self, claims=claims)


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
    scores: ImageScores,
    baselines: Mapping[str, list[str]],
    samples: int,
    seed: int,
    claims: Sequence[Claim] = (),
) -> Confidence:
    """Return the intervals, paired tests and claims of one candidate set.

    Args:
        scores: Of every image.
        baselines: For each model that is tested, those it is tested against.
        samples: Number of resamples, and of sign flips.
        seed: Of both.
        claims: The list; those of other candidate sets are passed over.
    """
    own = [claim for claim in claims if claim.candidates == scores.candidates]
    if scores.by_class and scores.classes.max() == 0:
        left_out = {claim.name: "The set has one class with images." for claim in own}
        only = [scores.candidates]
        return Confidence(samples, claims_left_out=left_out, too_few_classes=only)
    resampled, flipped = _resampled(scores, samples, seed)
    unit = CLASSES if scores.by_class else IMAGES
    low, high = np.percentile(resampled, PERCENTILES, axis=0).tolist()
    bounds = [list(pair) for pair in zip(low, high, strict=True)]
    paired: dict[str, dict[str, Any]] = {}
    for model, others in baselines.items():
        tests = {other: paired_test(scores, model, other, resampled, flipped) for other in others}
        for other, test in tests.items():
            paired |= _rows(f"{model}_vs_{other}/{scores.candidates}", test, scores)
        paired |= _against_better_softmax(model, scores, tests)
    made, left_out = _claims(scores, own, resampled, flipped)
    return Confidence(
        samples,
        dict(zip(scores.names, bounds, strict=True)),
        dict.fromkeys(scores.names, unit),
        paired,
        made,
        left_out,
    )


def _resampled(scores: ImageScores, samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means under resamples and under sign flips, by classes where they are asked."""
    if not scores.by_class:
        values = scores.values
        return bootstrap_means(values, samples, seed), sign_flipped_means(values, samples, seed)
    figures, classes, out_of = scores.figures, scores.classes, scores.of_columns
    return (
        class_bootstrap_means(figures, classes, samples, seed, out_of),
        class_sign_flipped_means(figures, classes, samples, seed, out_of),
    )


def _claims(
    scores: ImageScores, claims: Sequence[Claim], resampled: np.ndarray, flipped: np.ndarray
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Test each claim against its strongest rival; say which cannot be tested."""
    made: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    for claim in claims:
        reason = _untestable(scores, claim)
        if reason:
            left_out[claim.name] = reason
            continue
        end = f"{claim.candidates}/{claim.metric}"
        rows = rows_of(claim.rival, scores.models)
        best = strongest({row: scores.means[f"{row}/{end}"] for row in rows})
        test = paired_test(scores, claim.model, best, resampled, flipped)
        row = _row(test, METRICS.index(claim.metric), scores)
        made[claim.name] = {"baseline": best, **row}
    return made, left_out


def _untestable(scores: ImageScores, claim: Claim) -> str | None:
    if claim.metric not in scores.measured:
        return f"There are only {scores.labels} labels to choose from."
    return untestable(claim, scores.models)


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
    difference = (scores.of(model) - scores.of(baseline)).mean(axis=0)
    interval = np.percentile(resampled[:, ours] - resampled[:, theirs], PERCENTILES, axis=0)
    extreme = np.abs(flipped[:, ours] - flipped[:, theirs]) >= np.abs(difference) - TIE
    return PairedTest(difference, interval, (1 + extreme.sum(axis=0)) / (1 + len(flipped)))


def _rows(name: str, test: PairedTest, scores: ImageScores) -> dict[str, dict[str, Any]]:
    return {
        f"{name}/{metric}": _row(test, METRICS.index(metric), scores) for metric in scores.measured
    }


def _row(test: PairedTest, column: int, scores: ImageScores) -> dict[str, Any]:
    return {
        "difference": float(test.difference[column]),
        "interval": test.interval[:, column].tolist(),
        "unit": CLASSES if scores.by_class else IMAGES,
        "p": float(test.p[column]),
    }


def _against_better_softmax(
    model: str, scores: ImageScores, tests: Mapping[str, PairedTest]
) -> dict[str, dict[str, Any]]:
    """The strongest softmax by each figure stands for all.

    It is the one that the smallest difference is to; of equals the first.
    """
    softmaxes = [test for name in SOFTMAXES if (test := tests.get(name))]
    rows: dict[str, dict[str, Any]] = {}
    for metric in scores.measured if softmaxes else ():
        column = METRICS.index(metric)
        differences = [float(test.difference[column]) for test in softmaxes]
        better = softmaxes[differences.index(min(differences))]
        name = f"{model}_vs_{BETTER_SOFTMAX}/{scores.candidates}/{metric}"
        rows[name] = _row(better, column, scores)
    return rows
