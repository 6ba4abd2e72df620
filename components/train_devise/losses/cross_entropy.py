"""Cross-entropy over the cosines to all labels, with targets that know which labels are related.

A softmax over M v's cosines to the label vectors, divided by a temperature, is the smooth relative
of the hinge rank loss: every false label pushes, the more the closer it scores. Its targets may be
soft: the weight of label j is (1 - share) for the true label plus share * exp(-beta d(true, j)),
normalised, d the hops between them in the hierarchy (Bertinetto et al., "Making Better Mistakes",
CVPR 2020, section 3.2, there with the height of the lowest common ancestor for d).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch.nn.functional import log_softmax

from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, hops_to
from components.train_devise.losses.margins import shares_of
from components.train_devise.losses.problem import Loss, Problem


@dataclass(frozen=True)
class SoftLabels:
    """The loss's settings.

    Attributes:
        targets: [labels, dim], the distinct target vectors, unit norm.
        weights: [labels, labels], of every label (column) for a true one (row); rows sum to 1.
        temperature: What cosines are divided by.
    """

    targets: torch.Tensor
    weights: torch.Tensor
    temperature: float


def prepare(problem: Problem) -> Loss:
    """Make the loss for a run's labels."""
    config, targets = problem.config, problem.targets
    hops = hops_between(build_hierarchy(problem.taxonomy.edges), problem.target_of)
    weights = soft_weights(hops, config.soft_label_share, config.soft_label_beta)
    soft = SoftLabels(targets, torch.from_numpy(weights).to(targets), config.temperature)
    return partial(cross_entropy_loss, soft)


def hops_between(hierarchy: Hierarchy, target_of: Mapping[str, int]) -> np.ndarray:
    """Count the hops between labels: float32 [labels, labels], inf where there is no way.

    Args:
        hierarchy: The graph.
        target_of: The row of each synset; of synsets that share a row the nearest two count.
    """
    size = max(target_of.values()) + 1
    hops = np.full((size, size), np.inf, dtype=np.float32)
    for truth, row in target_of.items():
        for label, distance in hops_to(hierarchy, truth, target_of).items():
            column = target_of[label]
            hops[row, column] = min(hops[row, column], distance)
    return hops


def soft_weights(hops: np.ndarray, share: float, beta: float) -> np.ndarray:
    """Weigh all labels for each true one: [labels, labels] of the hops' type, rows sum to 1.

    Args:
        hops: [labels, labels], zero on the diagonal.
        share: What is spread over all labels by their hops; the true label has the rest.
        beta: How fast the weight falls with a hop, above 0.
    """
    near = np.exp(-beta * hops)
    weights: np.ndarray = share * (near / near.sum(axis=1, keepdims=True))
    np.fill_diagonal(weights, (1 - share) + weights.diagonal().astype(np.float64))
    return weights


def cross_entropy_loss(
    loss: SoftLabels, projected: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean cross-entropy of a batch.

    Args:
        loss: The targets and settings.
        projected: [B, dim], M v.
        labels: int64 [B], the row of each image's own target.

    Returns:
        The loss, and for each image the share of the false labels that score above the true one,
        [B].
    """
    scores = projected @ loss.targets.T
    above = scores > scores.gather(1, labels[:, None])
    log_probability = log_softmax(scores / loss.temperature, dim=1)
    return -(loss.weights[labels] * log_probability).sum(dim=1).mean(), shares_of(above)
