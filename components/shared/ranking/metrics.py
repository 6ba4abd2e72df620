"""Flat hit@k and hierarchical precision@k, image by image, and what chance would give.

Frome et al. 2013, section 4 and appendix A.3. Every function takes all k at once; means over
images are taken by the caller. A ranking is at most max(ks) wnids, best first; a shorter one,
padded with None or not, counts as missing from there on.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.ranking.hierarchy import CorrectSets, Hierarchy, correct_sets_of

KS = (1, 2, 5, 10, 20)
"""The k of every table."""

FLAT_HIT = "flat_hit_at_"
PER_CLASS_HIT = "per_class_hit_at_"
HIERARCHICAL_PRECISION = "hierarchical_precision_at_"
HARMONIC_MEAN = "harmonic_mean"
AUSUC = "ausuc"

Rankings = Sequence[Sequence[str | None]] | np.ndarray

Correct = Mapping[str, Mapping[str, CorrectSets]]
"""For each candidate set's `labels` the hCorrectSet of each of them."""


def correct_labels(
    hierarchy: Hierarchy, sets: Sequence[CandidateSet]
) -> dict[str, dict[str, CorrectSets]]:
    """Return hCorrectSet of all labels of `seen` and of each zero-shot set.

    A zero-shot set alone and with the seen labels has the same valid labels, and so the same
    correct ones. Of the seen labels among a set's these are others than among themselves.
    """
    wnids = {one.name: one.members for one in sets}
    return {
        one.labels: correct_sets_of(hierarchy, wnids[one.tested], one.valid, KS)
        for one in sets
        if one.name == one.labels
    }


def padded(predicted: Rankings, width: int) -> np.ndarray:
    """Return rankings as one object array [images, width], cut or filled up with None."""
    table = np.full((len(predicted), width), None, dtype=object)
    if isinstance(predicted, np.ndarray):
        table[:, : predicted.shape[1]] = predicted[:, :width]
        return table
    for row, ranking in enumerate(predicted):
        first = list(ranking[:width])
        table[row, : len(first)] = first
    return table


def flat_hits(
    truth: Sequence[str], predicted: Rankings, ks: Sequence[int] = KS
) -> dict[int, np.ndarray]:
    """Return for each k whether the true synset is among the first k: bool [images]."""
    _check_lengths(truth, predicted)
    table = padded(predicted, max(ks))
    found = table == np.asarray(truth, dtype=object)[:, None]
    return {k: found[:, :k].any(axis=1) for k in ks}


def hierarchical_precisions(
    truth: Sequence[str],
    predicted: Rankings,
    correct: "Mapping[str, CorrectSets] | NearLabels",
    ks: Sequence[int] = KS,
) -> dict[int, np.ndarray]:
    """Return for each k the share of the first k in hCorrectSet(truth, k): float64 [images].

    It is always divided by k, also where fewer labels were ranked (A.3). Arguments are those of
    `near_counts`.
    """
    return {k: near / k for k, near in near_counts(truth, predicted, correct, ks).items()}


def near_counts(
    truth: Sequence[str],
    predicted: Rankings,
    correct: "Mapping[str, CorrectSets] | NearLabels",
    ks: Sequence[int] = KS,
) -> dict[int, np.ndarray]:
    """Return for each k how many of the first k are in hCorrectSet(truth, k): int [images].

    Args:
        truth: The true wnid of each image.
        predicted: The ranking of each image.
        correct: The nested correct sets of every true label, for all of `ks`; prepared where many
            rankings are asked about.
        ks: The lengths asked for.
    """
    _check_lengths(truth, predicted)
    near = correct if isinstance(correct, NearLabels) else NearLabels(correct)
    hops = near.hops(truth, padded(predicted, max(ks)))
    radius = {k: np.array([near.correct[label].radius[k] for label in truth], int) for k in ks}
    return {k: (hops[:, :k] <= radius[k][:, None]).sum(axis=1) for k in ks}


class NearLabels:
    """The correct sets of true labels as numbers, prepared once for many rankings.

    Attributes:
        correct: The sets.
    """

    def __init__(self, correct: Mapping[str, CorrectSets]) -> None:
        """Number every label that is in one of the sets."""
        self.correct = correct
        self._numbers = pd.Index(
            sorted({wnid for sets in correct.values() for wnid in sets.hops}), dtype=object
        )
        self._near = {label: self._numbered(sets.hops) for label, sets in correct.items()}

    def hops(self, truth: Sequence[str], table: np.ndarray) -> np.ndarray:
        """Return the hops of each prediction from the truth.

        Args:
            truth: The true wnid of each image.
            table: wnids, object [images, width], None where there is none.

        Returns:
            int32 [images, width], a huge number outside the widest set.
        """
        # Of one true label all images are looked up at once; the last number is that of no label.
        numbers = self._numbers.get_indexer(table.ravel()).reshape(table.shape)
        far = np.iinfo(np.int32).max
        hops_to = np.full(len(self._numbers) + 1, far, dtype=np.int32)
        hops = np.empty(table.shape, dtype=np.int32)
        labels, label_of = np.unique(np.asarray(truth, dtype=object), return_inverse=True)
        for rows, label in zip(_rows_of_each(label_of, len(labels)), labels, strict=True):
            there, distances = self._near[label]
            hops_to[there] = distances
            hops[rows] = hops_to[numbers[rows]]
            hops_to[there] = far
        return hops

    def _numbered(self, hops: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
        there = self._numbers.get_indexer(list(hops))
        return there, np.array(list(hops.values()), dtype=np.int32)


def _rows_of_each(number_of: np.ndarray, numbers: int) -> list[np.ndarray]:
    """The rows that have each number, from 0 up to so many."""
    order = np.argsort(number_of, kind="stable")
    return np.split(order, np.searchsorted(number_of[order], np.arange(1, numbers)))


def mean_scores(
    truth: Sequence[str],
    predicted: Rankings,
    correct: Mapping[str, CorrectSets],
    ks: Sequence[int] = KS,
) -> dict[str, float]:
    """Return the means over images by their public names, such as `flat_hit_at_5`."""
    hits = flat_hits(truth, predicted, ks)
    precisions = hierarchical_precisions(truth, predicted, correct, ks)
    return named_scores(
        {k: float(hits[k].mean()) for k in ks}, {k: float(precisions[k].mean()) for k in ks}
    )


def named_scores(hits: Mapping[int, float], precisions: Mapping[int, float]) -> dict[str, float]:
    """Return hit@k and hp@k by their public names."""
    return {
        **{f"{FLAT_HIT}{k}": hit for k, hit in hits.items()},
        **{f"{HIERARCHICAL_PRECISION}{k}": precision for k, precision in precisions.items()},
    }


def k_of(name: str) -> int:
    """Return the k of a figure's public name: 5 of `flat_hit_at_5`."""
    return int(name.rpartition("_")[2])


def labels_behind(chance_hit_at_1: float) -> int:
    """Return how many labels there are to choose from, given the hit@1 that chance has there."""
    return round(1 / chance_hit_at_1)


def chance_hits(candidates: int, ks: Sequence[int] = KS) -> dict[int, float]:
    """Return the hit@k of a ranking drawn at random: k / candidates, at most 1."""
    return {k: min(1.0, k / candidates) for k in ks}


def chance_precisions(
    truth: Sequence[str],
    candidates: Collection[str],
    correct: Mapping[str, CorrectSets],
    ks: Sequence[int] = KS,
) -> dict[int, float]:
    """Return the hp@k of chance: the mean share, over images, of correct labels in `candidates`.

    Where these are fewer than k, what lies beyond them is missing, as in every ranking.
    """
    members = frozenset(candidates)
    labels, images = np.unique(np.asarray(truth, dtype=str), return_counts=True)
    shares = np.array([_shares(correct[label], members, ks) for label in labels.tolist()])
    means = np.average(shares, axis=0, weights=images)
    return dict(zip(ks, means.tolist(), strict=True))


def _shares(correct: CorrectSets, members: frozenset[str], ks: Sequence[int]) -> list[float]:
    """Return for each k the share of the first k that are correct labels, in any order."""
    hops = np.array([hops for wnid, hops in correct.hops.items() if wnid in members], dtype=int)
    return [float((hops <= correct.radius[k]).sum()) / max(k, len(members)) for k in ks]


def _check_lengths(truth: Sequence[str], predicted: Rankings) -> None:
    """Refuse rankings that do not belong to the true labels one for one."""
    if len(truth) != len(predicted):
        raise ValueError(
            f"There are {len(truth)} true labels but {len(predicted)} rankings: give one each."
        )
