"""The hinge rank loss with randomised truncation (paper, section 3.3, eq. 1).

Eq. 1 sums max(0, margin - t_label M v + t_j M v) over the false labels j. The paper visits them in
random order and stops after the first violated margin. Every term before that one is zero, so the
sum is the term of one violating label, drawn uniformly: one matrix product and one masked draw.
"""

from functools import partial

import torch

from components.shared.processes.ranks import Part
from components.train_devise.losses.margins import (
    Margins,
    excess,
    margins_of,
    shares_of,
    violations,
)
from components.train_devise.losses.problem import Loss, Problem

RANDOM, FIXED_ORDER, ALL = "random", "fixed_order", "all"


def prepare(problem: Problem) -> Loss:
    """Make the loss for a run's labels."""
    margins, violators = margins_of(problem), problem.config.violators
    return partial(hinge_rank_loss, margins, violators, part=problem.part)


def hinge_rank_loss(
    margins: Margins,
    violators: str,
    projected: torch.Tensor,
    labels: torch.Tensor,
    generator: torch.Generator | None = None,
    part: Part | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Compute the mean loss of a batch.

    Args:
        margins: Between the run's labels.
        violators: Which violated margins count: a `random` one, the first in the `fixed_order` of
            the targets, or `all`.
        projected: [B, dim], M v.
        labels: int64 [B], the row of each image's own target.
        generator: Of the draw; None for the device's default one.
        part: Which images of a batch these are; None: all.

    Returns:
        The loss, and the share of each image's margins to false labels that are violated, [B].
    """
    exceeding = excess(margins, projected, labels)
    violated = violations(exceeding, labels)
    counted = violated if violators == ALL else _one(violated, violators, generator, part)
    return (exceeding * counted).sum(dim=1).mean(), shares_of(violated)


def _one(
    violated: torch.Tensor,
    violators: str,
    generator: torch.Generator | None,
    part: Part | None,
) -> torch.Tensor:
    """Keep one violated margin of each row [B, labels]: a random one, or the first."""
    keys = torch.ones_like(violated, dtype=torch.float32)
    if violators == RANDOM:
        shape = (part.whole if part else len(violated)), violated.shape[1]
        keys = torch.rand(shape, generator=generator, device=violated.device)
        keys = part.of(keys) if part else keys
    chosen = keys.masked_fill(~violated, -1.0).argmax(dim=1, keepdim=True)
    return violated & torch.zeros_like(violated).scatter(1, chosen, True)
