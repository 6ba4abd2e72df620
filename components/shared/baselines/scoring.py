"""Labels ranked by any number per image and label, with the scores of the best beside them.

What a baseline has to say is which labels it ranks and how it scores them. Labels of equal score
stand in the order that they were given in, as the classes of a softmax do.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from components.shared.artifacts.label_space import NO_ROW, LabelSpace, target_rows
from components.shared.ranking.largest import largest
from components.shared.ranking.metrics import padded
from components.shared.ranking.nearest_labels import LIST_LENGTH
from components.shared.ranking.rankers import Ranker, Ranking

_BLOCK_BYTES = 1 << 27
_BYTES_OF_A_SCORE = 16
"""A score, and what finding the largest takes for it."""


@dataclass(frozen=True)
class Scored:
    """The best labels of some images.

    Attributes:
        wnids: object [images, 20], best first, padded with None.
        scores: float32 [images, 20], of those wnids, the higher the better, padded with NaN.
    """

    wnids: np.ndarray
    scores: np.ndarray


Scorer = Callable[[Tensor], Scored]
"""Outputs of a network [n, ...] to the best labels of each."""


@dataclass(frozen=True)
class VectorLabels:
    """The labels of a candidate set that have a vector.

    Attributes:
        wnids: Sorted.
        vectors: float32 [vectors, dim], the targets, each vector once.
        vector_of: int64 [labels], the row of each label's target in `vectors`.
    """

    wnids: tuple[str, ...]
    vectors: np.ndarray
    vector_of: np.ndarray


def vector_labels(space: LabelSpace, wnids: Collection[str]) -> VectorLabels:
    """Return the labels that have a target; the others are candidates that are never ranked.

    Labels with one vector in common are scored through that one, so that they tie to the last bit.

    Raises:
        ValueError: A wnid is no label of the space.
    """
    labels = sorted(set(wnids))
    rows = target_rows(space, labels)
    kept = tuple(wnid for wnid, row in zip(labels, rows, strict=True) if row != NO_ROW)
    targets = space.vectors[rows[rows != NO_ROW]].astype(np.float32)
    if not kept:
        return VectorLabels((), targets, np.empty(0, dtype=np.int64))
    vectors, vector_of = np.unique(targets, axis=0, return_inverse=True)
    return VectorLabels(kept, vectors, vector_of.reshape(-1))


def scorer_of(labels: Sequence[str], score: Callable[[Tensor], Tensor]) -> Scorer:
    """Make the scorer of some labels.

    Args:
        labels: wnids in the order of the scores' columns, and of labels with equal scores; of none
            the answer is always empty, which counts as a miss.
        score: Outputs [n, ...] to scores [n, labels], where the outputs lie.
    """
    names = np.array(labels, dtype=object)
    rows = max(1, _BLOCK_BYTES // (_BYTES_OF_A_SCORE * max(1, len(labels))))

    def scored(outputs: Tensor) -> Scored:
        if not len(names) or not len(outputs):
            return _nothing(len(outputs))
        with torch.inference_mode():
            parts = [_best(names, score(block).float()) for block in outputs.split(rows)]
        return Scored(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))

    return scored


def ranker_of(scorer: Scorer) -> Ranker:
    """Make the ranker that gives a scorer's labels; its scores are no cosines."""

    def rank(outputs: Tensor) -> Ranking:
        wnids = scorer(outputs).wnids
        return Ranking(wnids, np.full(wnids.shape, np.nan, dtype=np.float32))

    return rank


def _nothing(images: int) -> Scored:
    wnids = np.full((images, LIST_LENGTH), None, dtype=object)
    return Scored(wnids, np.full(wnids.shape, np.nan, dtype=np.float32))


def _best(names: np.ndarray, scores: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """The best labels' names and scores, [n, 20] each.

    Raises:
        ValueError: A score is not finite.
    """
    if not bool(torch.isfinite(scores).all()):
        raise ValueError("A label's score is not finite; look at the model that made the outputs.")
    values, columns = largest(scores, LIST_LENGTH)
    found = np.full((len(scores), LIST_LENGTH), np.nan, dtype=np.float32)
    found[:, : values.shape[1]] = values.cpu().numpy()
    return padded(names[columns.cpu().numpy()], LIST_LENGTH), found
