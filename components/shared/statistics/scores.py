"""metrics.json: what the rankings are worth, under the public names, and what chance would give."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
    hierarchical_precisions,
    k_of,
    named_scores,
)
from components.shared.statistics.resampling import per_class_means

METRICS = tuple(f"{name}{k}" for name in (FLAT_HIT, HIERARCHICAL_PRECISION) for k in KS)
"""The figures of each image, each model and each candidate set."""
PER_CLASS_METRICS = tuple(f"{PER_CLASS_HIT}{k}" for k in KS)
"""The figures of each model and candidate set that are means over classes."""


@dataclass(frozen=True)
class ImageScores:
    """The scores of every model on the images of one candidate set.

    Attributes:
        candidates: Name of the candidate set.
        models: The models.
        values: float64 [images, models * METRICS], a model's figures side by side, 0..1.
        classes: Codes 0, 1, ... of the images' classes, int [images].
        labels: How many labels are ranked.
        by_class: Whether the figures are to hold for other classes: the images are of unseen ones.
    """

    candidates: str
    models: tuple[str, ...]
    values: np.ndarray
    classes: np.ndarray
    labels: int
    by_class: bool

    @property
    def names(self) -> list[str]:
        """The public name of each column."""
        return [f"{model}/{self.candidates}/{name}" for model in self.models for name in METRICS]

    def columns(self, model: str) -> slice:
        """The columns of a model."""
        first = self.models.index(model) * len(METRICS)
        return slice(first, first + len(METRICS))

    def only(self, kept: np.ndarray) -> "ImageScores":
        """Return the scores of some of the images.

        Args:
            kept: bool [images], at least one.
        """
        classes = np.unique(self.classes[kept], return_inverse=True)[1]
        return replace(self, values=self.values[kept], classes=classes)

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
        values = [_scores(truth, answers[model, candidates.name], near) for model in there]
        yield ImageScores(
            candidates.name,
            there,
            np.concatenate(values, axis=1),
            np.unique(truth, return_inverse=True)[1],
            len(candidates.members),
            candidates.is_zero_shot,
        )


def _scores(truth: Sequence[str], rankings: np.ndarray, correct: NearLabels) -> np.ndarray:
    """Return the scores of each image, float64 [images, METRICS]."""
    hits = flat_hits(truth, rankings)
    precisions = hierarchical_precisions(truth, rankings, correct)
    columns = [*(hits[k] for k in KS), *(precisions[k] for k in KS)]
    return np.stack(columns, axis=1).astype(np.float64)


def mean_scores_of(scores: ImageScores) -> dict[str, float]:
    """Return the figures of every model on one candidate set, its numbers of images and classes.

    Beside each flat hit stands the mean over classes of their own (Xian et al. 2017).
    """
    means = dict(zip(scores.names, scores.values.mean(axis=0).tolist(), strict=True))
    for model in scores.models:
        hits = scores.values[:, scores.columns(model)][:, : len(KS)]
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
