"""The softmax that may read the hierarchy too: its probabilities, summed over what lies near.

The score of a label l is

    sum over the classes c of p(c) exp(-beta hops(c, l))

so that a label among likely ones goes before one that stands alone; with beta infinite it is the
softmax. It is the control for hierarchical precision: the same graph, and no words. Karthik et al.
("No Cost Likelihood Manipulation at Test Time for Making Better Mistakes in Deep Networks", ICLR
2021, section 3) take the expected height of the common ancestor in place of the sum.
"""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from components.rank_images.hops import Hops
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, ranker_of, scorer_of
from components.shared.ranking.rankers import Ranker


def softmax_hierarchy(hops: Hops, beta: float) -> Scorer:
    """Make the scorer of logits [n, classes]; it ranks the classes, whatever the candidates.

    A class outside the hierarchy keeps its own probability alone: no hops lead to it.

    Args:
        hops: From the classes, in the order of the logits.
        beta: How fast the weight falls with each hop.
    """
    weights = placed(_weights(hops.to(hops.classes), beta))

    def score(logits: Tensor) -> Tensor:
        return torch.softmax(logits.float(), dim=1) @ weights(logits.device)

    return scorer_of(hops.classes, score)


def softmax_hierarchy_ranker(hops: Hops, beta: float) -> Ranker:
    """Make the ranker of logits [n, classes]; it keeps no scores, of which unseen labels have none.

    Args:
        hops: From the classes, in the order of the logits.
        beta: How fast the weight falls with each hop.
    """
    rank = ranker_of(softmax_hierarchy(hops, beta))
    return lambda logits: replace(rank(logits), scores=None)


def _weights(hops: np.ndarray, beta: float) -> np.ndarray:
    """Return exp(-beta hops), 0 where no way leads: float64 [classes, classes]."""
    reached = np.isfinite(hops)
    weights: np.ndarray = np.exp(-beta * np.where(reached, hops, 0.0)) * reached
    return weights
