"""The hinge rank loss with randomised truncation (paper, section 3.3, eq. 1), and L2 instead.

Eq. 1 sums max(0, margin - t_label M v + t_j M v) over the false labels j. The paper visits them in
random order and stops after the first violated margin. Every term before that one is zero, so the
sum is the term of one violating label, drawn uniformly: one matrix product and one masked draw.
"""

from dataclasses import dataclass

import torch

RANDOM, FIXED_ORDER, ALL = "random", "fixed_order", "all"
CONSTANT, RELATEDNESS = "constant", "relatedness"


@dataclass(frozen=True)
class RankLoss:
    """The loss's settings and what they give for a set of target vectors.

    Attributes:
        targets: float32 [labels, dim], the distinct target vectors, unit norm.
        margins: float32 [labels, labels], the margin between a true label (row) and a false one.
        violators: `random`, `fixed_order` (of the targets) or `all`.
        l2: Whether the loss is the squared distance to the target instead.
    """

    targets: torch.Tensor
    margins: torch.Tensor
    violators: str
    l2: bool


def rank_loss(
    targets: torch.Tensor, margin: float, margin_scaling: str, violators: str, loss: str = "rank"
) -> RankLoss:
    """Prepare the loss for `targets`, float32 [labels, dim], distinct and of unit norm.

    Raises:
        ValueError: There is no false label.
    """
    if len(targets) < 2:
        raise ValueError(
            f"The seen labels have {len(targets)} distinct vector(s); a rank loss needs two or "
            "more: take more classes, more text or a lower labels_minimum_count."
        )
    margins = targets.new_full((len(targets), len(targets)), margin)
    if margin_scaling == RELATEDNESS:
        margins = margins * (1 - targets @ targets.T)
    return RankLoss(targets, margins, violators, loss == "l2")


def hinge_rank_loss(
    loss: RankLoss,
    projected: torch.Tensor,
    labels: torch.Tensor,
    generator: torch.Generator | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean loss of a batch.

    Args:
        loss: The targets and settings.
        projected: float32 [B, dim], M v.
        labels: int64 [B], the row of each image's own target.
        generator: Of the draw; None for the device's default one.

    Returns:
        The loss, and the share of the margins to false labels that are violated.
    """
    scores = projected @ loss.targets.T
    own = labels[:, None]
    excess = loss.margins[labels] - scores.gather(1, own) + scores
    is_false = torch.ones_like(excess, dtype=torch.bool).scatter(1, own, False)
    violated = (excess > 0) & is_false
    share = violated.float().mean() * violated.shape[1] / (violated.shape[1] - 1)
    if loss.l2:
        return (projected - loss.targets[labels]).square().sum(dim=1).mean(), share
    counted = violated if loss.violators == ALL else _one(violated, loss.violators, generator)
    return (excess * counted).sum(dim=1).mean(), share


def _one(violated: torch.Tensor, violators: str, generator: torch.Generator | None) -> torch.Tensor:
    """Keep one violated margin of each row [B, labels]: a random one, or the first."""
    keys = torch.ones_like(violated, dtype=torch.float32)
    if violators == RANDOM:
        keys = torch.rand(violated.shape, generator=generator, device=violated.device)
    chosen = keys.masked_fill(~violated, -1.0).argmax(dim=1, keepdim=True)
    return violated & torch.zeros_like(violated).scatter(1, chosen, True)
