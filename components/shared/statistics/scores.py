"""metrics.json: what the rankings are worth, under the public names, and what chance would give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import CHANCE
from components.shared.ranking.metrics import (
    FLAT_HIT,
    HIERARCHICAL_PRECISION,
    KS,
    PER_CLASS_HIT,
    Correct,
    NearLabels,
    chance_hits,
    chance_precisions,
    flat_hits,
    k_of,
    named_scores,
    near_counts,
)
from components.shared.statistics.resampling import per_class_means

METRICS = tuple(f"{name}{k}" for name in (FLAT_HIT, HIERARCHICAL_PRECISION) for k in KS)
"""The figures of each image, each model and each candidate set."""
COUNTED_OUT_OF = (*(1 for _ in KS), *KS)
"""What METRICS of an image are out of: a hit is one of one, a precision so many of k."""
PER_CLASS_METRICS = tuple(f"{PER_CLASS_HIT}{k}" for k in KS)
"""The figures of each model and candidate set that are means over classes."""
IMAGES_AT_ONCE = 1 << 18
"""Images whose rankings are compared with the truth together."""


@dataclass(frozen=True)
class ImageScores:
    """The scores of every model on the images of one candidate set.

    Attributes:
        candidates: Name of the candidate set.
        models: The models.
        figures: [images, models * METRICS], a model's side by side: uint8, as all figures of an
            image are counts; float64 where they are shares, as means over folds are.
        classes: Codes 0, 1, ... of the images' classes, int [images].
        labels: How many labels are ranked.
        by_class: Whether the figures are to hold for other classes: the images are of unseen ones.
        out_of: What each of METRICS is divided by to be a share.
    """

    candidates: str
    models: tuple[str, ...]
    figures: np.ndarray
    classes: np.ndarray
    labels: int
    by_class: bool
    out_of: tuple[int, ...] = (1,) * len(METRICS)

    @property
    def names(self) -> list[str]:
        """The public name of each column."""
        return [f"{model}/{self.candidates}/{name}" for model in self.models for name in METRICS]

    def columns(self, model: str) -> slice:
        """The columns of a model."""
        first = self.models.index(model) * len(METRICS)
        return slice(first, first + len(METRICS))

    @property
    def of_columns(self) -> np.ndarray:
        """What each column is divided by to be a share, float64 [models * METRICS]."""
        return np.tile(np.array(self.out_of, dtype=np.float64), len(self.models))

    def of(self, model: str) -> np.ndarray:
        """A model's figures as shares, float64 [images, METRICS], 0..1."""
        shares: np.ndarray = self.figures[:, self.columns(model)] / np.array(self.out_of, float)
        return shares

    @property
    def values(self) -> np.ndarray:
        """All of them as shares, float64 [images, models * METRICS]: eight bytes for each count."""
        values: np.ndarray = self.figures / self.of_columns
        return values

    @cached_property
    def means(self) -> dict[str, float]:
        """The mean over the images of each column, by its public name."""
        means = np.concatenate([self.of(model).mean(axis=0) for model in self.models])
        return dict(zip(self.names, means.tolist(), strict=True))

    def only(self, kept: np.ndarray) -> "ImageScores":
        """Return the scores of some of the images.

        Args:
            kept: bool [images], at least one.
        """
        classes = np.unique(self.classes[kept], return_inverse=True)[1]
        return replace(self, figures=self.figures[kept], classes=classes)

    @property
    def measured(self) -> list[str]:
        """The figures whose k is not beyond the labels there are: these alone are tested."""
        return [name for name in METRICS if k_of(name) <= self.labels]


def image_scores(
    answers: Mapping[tuple[str, str], np.ndarray],
    models: Sequence[str],
    sets: Sequence[CandidateSet],
    correct: Correct,
    frame: pd.DataFrame,
) -> Iterator[ImageScores]:
    """Yield the scores of all images, one candidate set after the other.

    Args:
        answers: The rankings of each model and candidate set, wnids as object [images, 20].
        models: The models, in the order of the tables.
        sets: The candidate sets.
        correct: hCorrectSet of every true label.
        frame: Image index rows that the sets' masks belong to.
    """
    for candidates in sets:
        truth = frame["wnid"][candidates.images].tolist()
        near = NearLabels(correct[candidates.labels])
        there = tuple(model for model in models if (model, candidates.name) in answers)
        scores = ImageScores(
            candidates.name,
            there,
            np.empty((len(truth), len(there) * len(METRICS)), dtype=np.uint8),
            np.unique(truth, return_inverse=True)[1],
            len(candidates.members),
            candidates.is_zero_shot,
            COUNTED_OUT_OF,
        )
        for model in there:
            into = scores.figures[:, scores.columns(model)]
            _count(truth, answers[model, candidates.name], near, into)
        yield scores


def _count(
    truth: Sequence[str], rankings: np.ndarray, correct: NearLabels, into: np.ndarray
) -> None:
    """Write METRICS of each image as counts, uint8 [images, METRICS]."""
    for start in range(0, len(truth), IMAGES_AT_ONCE):
        rows = slice(start, start + IMAGES_AT_ONCE)
        hits = flat_hits(truth[rows], rankings[rows])
        near = near_counts(truth[rows], rankings[rows], correct)
        for column, counts in enumerate((*hits.values(), *near.values())):
            into[rows, column] = counts


def mean_scores_of(scores: ImageScores) -> dict[str, float]:
    """Return the figures of every model on one candidate set, its numbers of images and classes.

    Beside each flat hit stands the mean over classes of their own (Xian et al. 2017).
    """
    means = dict(scores.means)
    for model in scores.models:
        hits = scores.of(model)[:, : len(KS)]
        by_class = per_class_means(hits, scores.classes).tolist()
        counts = {"images": float(len(hits)), "classes": float(scores.classes.max() + 1)}
        found = dict(zip(PER_CLASS_METRICS, by_class, strict=True)) | counts
        means |= {f"{model}/{scores.candidates}/{name}": value for name, value in found.items()}
    return means


def chance_scores(
    sets: Sequence[CandidateSet], correct: Correct, frame: pd.DataFrame
) -> dict[str, float]:
    """Return what labels drawn at random from the candidates would reach."""
    scores: dict[str, float] = {}
    for candidates in sets:
        truth = frame["wnid"][candidates.images].tolist()
        near = correct[candidates.labels]
        precisions = chance_precisions(truth, candidates.members, near)
        hits = chance_hits(len(candidates.members))
        # Chance hits every class alike.
        by_class = {f"{PER_CLASS_HIT}{k}": hit for k, hit in hits.items()}
        found = named_scores(hits, precisions) | by_class
        scores |= {f"{CHANCE}/{candidates.name}/{name}": value for name, value in found.items()}
    return scores
