"""Calibrated stacking: seen and unseen labels in one ranking, with a penalty on the seen.

Chao, Changpinyo, Gong, Sha, "An Empirical Study and Analysis of Generalized Zero-Shot Learning for
Object Recognition in the Wild", ECCV 2016, section 4.1: a model that was trained on the seen labels
scores them too high, so gamma is taken from their scores before the best of all is sought,

    argmax over c of f_c(x) - gamma [c is seen]

The 20 best of all labels at any gamma are among the 20 best of the seen and the 20 best of the
others, which do not depend on it: merging these two lists is exact.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from components.shared.baselines.scoring import Scored
from components.shared.ranking.nearest_labels import LIST_LENGTH


def calibrated(
    seen: Scored, zero_shot: Scored, penalty: float, order: Sequence[str] | None = None
) -> Scored:
    """Merge the best seen labels of each image with the best of a zero-shot set.

    Labels of equal score, after the penalty, stand in a fixed order: by wnid, or in the one given,
    as classes of equal probability and synsets of one term do. Labels of one list that tie there
    are told apart by this order too.

    Args:
        seen: The best seen labels, of which the penalty is taken.
        zero_shot: The best labels of the set, for the same images.
        penalty: Finite; below 0 it is a bonus.
        order: wnids, all that are in the lists, in the order of labels that tie.

    Returns:
        The 20 best of both, with the scores that they were compared by.
    """
    assert np.isfinite(penalty), "a penalty is finite"
    wnids = np.concatenate([seen.wnids, zero_shot.wnids], axis=1)
    lowered = seen.scores.astype(np.float64) - penalty
    scores = np.concatenate([lowered, zero_shot.scores.astype(np.float64)], axis=1)
    missing = pd.isna(wnids)
    falling = np.where(missing, np.inf, -scores)
    best = np.lexsort((_places(wnids, missing, order), falling), axis=1)[:, :LIST_LENGTH]
    found = np.take_along_axis(np.where(missing, np.nan, scores), best, axis=1)
    return Scored(np.take_along_axis(wnids, best, axis=1), found.astype(np.float32))


def _places(wnids: np.ndarray, missing: np.ndarray, order: Sequence[str] | None) -> np.ndarray:
    """The place of each label in the order of labels that tie: int64 [images, labels]."""
    ordered = sorted(set(wnids[~missing])) if order is None else order
    places = pd.Index(ordered, dtype=object).get_indexer(wnids.ravel()).reshape(wnids.shape)
    assert (places[~missing] >= 0).all(), "the order has every label of the lists"
    return np.where(missing, len(ordered), places)
