"""The margins of the paper's eq. 1, and which false labels violate theirs."""

from dataclasses import dataclass

import torch

from components.train_devise.losses.problem import Problem

CONSTANT, RELATEDNESS = "constant", "relatedness"


@dataclass(frozen=True)
class Margins:
    """By how much a true label's score is to exceed a false one's.

    Attributes:
        targets: [labels, dim], the distinct target vectors, unit norm.
        margin: The margin of eq. 1.
        scaling: `constant`, or `relatedness`: times 1 less the two labels' cosine.
    """

    targets: torch.Tensor
    margin: float
    scaling: str = CONSTANT


def margins_of(problem: Problem) -> Margins:
    """Take the margins of a run."""
    return Margins(problem.targets, problem.config.margin, problem.config.margin_scaling)


def margins_to(margins: Margins, labels: torch.Tensor) -> float | torch.Tensor:
    """Return the margins from true labels, int64 [B], to all labels.

    Returns:
        One number where it is constant, else [B, labels]: all pairs would take gigabytes.
    """
    if margins.scaling != RELATEDNESS:
        return margins.margin
    return margins.margin * (1 - margins.targets[labels] @ margins.targets.T)


def excess(margins: Margins, projected: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Compute margin - t_label M v + t_j M v of eq. 1 for every label j.

    Args:
        margins: Of the run's labels.
        projected: [B, dim], M v.
        labels: int64 [B], the row of each image's own target.

    Returns:
        [B, labels]; above zero where the margin is violated. The own label's is its margin.
    """
    scores = projected @ margins.targets.T
    return margins_to(margins, labels) - scores.gather(1, labels[:, None]) + scores


def violations(exceeding: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return where a false label violates its margin, bool [B, labels].

    Args:
        exceeding: [B, labels], what `excess` gave.
        labels: int64 [B], the row of each image's own target.
    """
    is_false = torch.ones_like(exceeding, dtype=torch.bool).scatter(1, labels[:, None], False)
    return (exceeding > 0) & is_false


def shares_of(violated: torch.Tensor) -> torch.Tensor:
    """Return the share of each image's margins to false labels that are violated: float32 [B].

    Args:
        violated: bool [B, labels].
    """
    return violated.float().sum(dim=1) / (violated.shape[1] - 1)
