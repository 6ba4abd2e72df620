"""The softmax that may read the hierarchy too: its probabilities, summed over what lies near.

The score of a label l is

    sum over the classes c of p(c) exp(-beta hops(c, l))

so that a label among likely ones goes before one that stands alone; with beta infinite it is the
softmax. It is the control for hierarchical precision: the same graph, and no words. Karthik et al.
("No Cost Likelihood Manipulation at Test Time for Making Better Mistakes in Deep Networks", ICLR
2021, section 3) take the expected height of the common ancestor in place of the sum.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from components.rank_images.hop_weights import hop_weights
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, ranker_of, scorer_of
from components.shared.ranking.hierarchy import Hierarchy
from components.shared.ranking.rankers import Ranker


def softmax_hierarchy(hierarchy: Hierarchy, classes: Sequence[str], beta: float) -> Scorer:
    """Make the scorer of logits [n, classes]; it ranks the classes, whatever the candidates.

    A class outside the hierarchy keeps its own probability alone: no hops lead to it.

    Args:
        hierarchy: The graph.
        classes: wnids in the order of the logits.
        beta: How fast the weight falls with each hop.
    """
    weights = placed(hop_weights(hierarchy, classes, classes, beta))

    def score(logits: Tensor) -> Tensor:
        return torch.softmax(logits.float(), dim=1) @ weights(logits.device)

    return scorer_of(classes, score)


def softmax_hierarchy_ranker(hierarchy: Hierarchy, classes: Sequence[str], beta: float) -> Ranker:
    """Make the ranker of logits [n, classes]; it keeps no scores, of which unseen labels have none.

    Args:
        hierarchy: The graph.
        classes: wnids in the order of the logits.
        beta: How fast the weight falls with each hop.
    """
    rank = ranker_of(softmax_hierarchy(hierarchy, classes, beta))
    return lambda logits: replace(rank(logits), scores=None)
