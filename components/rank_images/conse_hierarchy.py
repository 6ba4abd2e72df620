"""ConSE without words: labels by their hops to what the softmax holds likely.

ConSE (Norouzi et al. 2014, section 3) puts an image at the mean of its top classes' vectors and
ranks labels by cosine. Here nothing but the hierarchy says which label is near a class:

    score(l) = sum over the top T classes c of p(c) w(c, l)
    w(c, l) = exp(-beta hops(c, l)) / sum over all classes of the same

Each label's column is normalised, so that a label with many near classes has no advantage. It is
the control for zero-shot hits of whatever reads the hierarchy. Two labels tie where the hops from
all classes are the same or differ by a constant, as for brothers and for an only child and its
parent; they are scored through one column, so that they tie to the last bit.
"""

from collections.abc import Collection

import numpy as np
from torch import Tensor

from components.rank_images.hops import Hops
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, scorer_of
from components.shared.ranking.rankers import top_probabilities


def conse_hierarchy(hops: Hops, wnids: Collection[str], beta: float, top: int | None) -> Scorer:
    """Make the scorer of logits [n, classes] for any labels, seen or not.

    A label that no way leads to from a class is not ranked; a class outside the hierarchy is near
    to itself alone. The probabilities of the top classes are taken as they are: what they add up to
    is the same for all labels of an image.

    Args:
        hops: From the classes, in the order of the logits.
        wnids: The labels to rank, all of which it has hops to.
        beta: How fast the weight falls with each hop.
        top: How many classes are combined; None: all.
    """
    every = sorted(set(wnids))
    table = hops.to(every)
    reached = np.isfinite(table).any(axis=0)
    labels = [wnid for wnid, is_reached in zip(every, reached, strict=True) if is_reached]
    normalised = _normalised(table[:, reached], beta)
    columns, column_of = np.unique(normalised, axis=1, return_inverse=True)
    weights, of_label = placed(columns), placed(column_of.reshape(-1))
    count = len(hops.classes) if top is None else top

    def score(logits: Tensor) -> Tensor:
        device = logits.device
        return (top_probabilities(logits, count) @ weights(device))[:, of_label(device)]

    return scorer_of(labels, score)


def _normalised(hops: np.ndarray, beta: float) -> np.ndarray:
    """Each label's weights, which add up to 1: float64 [classes, labels], all with a way to one."""
    # Counted from the nearest class: a constant more on all hops changes no bit.
    further = hops - hops.min(axis=0, initial=np.inf)
    weights = np.where(np.isfinite(further), np.exp(-beta * np.nan_to_num(further)), 0.0)
    normalised: np.ndarray = weights / weights.sum(axis=0)
    return normalised
