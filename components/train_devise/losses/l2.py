"""The squared distance to the own target, which the paper compares its loss with (section 3.3)."""

from functools import partial

import torch

from components.train_devise.losses.margins import (
    Margins,
    excess,
    margins_of,
    shares_of,
    violations,
)
from components.train_devise.losses.problem import Loss, Problem


def prepare(problem: Problem) -> Loss:
    """Make the loss for a run's labels."""
    return partial(l2_loss, margins_of(problem))


def l2_loss(
    margins: Margins, projected: torch.Tensor, labels: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean loss of a batch, that of |t_label - M v|^2.

    Args:
        margins: Between the run's labels; they take no part in the loss.
        projected: [B, dim], M v.
        labels: int64 [B], the row of each image's own target.

    Returns:
        The loss, and the share of each image's margins to false labels that are violated, [B],
        which says how far the rank loss would have come.
    """
    violated = violations(excess(margins, projected, labels), labels)
    distances = (projected - margins.targets[labels]).square().sum(dim=1)
    return distances.mean(), shares_of(violated)
