"""Equation 1 as it is written: false labels in random order, stop after the first violation."""

from collections.abc import Iterable, Sequence

import torch


def margins_between(
    targets: torch.Tensor, margin: float, scaling: str = "constant"
) -> list[list[float]]:
    """Margins between a true label (row) and a false one, [labels][labels]."""
    relatedness = scaling == "relatedness"
    return [
        [margin * (1 - float(one @ other)) if relatedness else margin for other in targets]
        for one in targets
    ]


def truncated_sum(
    point: torch.Tensor,
    label: int,
    targets: torch.Tensor,
    margins: Sequence[Sequence[float]],
    order: Iterable[int],
) -> torch.Tensor:
    """Loss of one image; point [dim], targets [labels, dim], order: the false labels."""
    own = point @ targets[label]
    total = 0.0 * own
    for j in order:
        term = margins[label][j] - own + point @ targets[j]
        if term > 0:
            total = total + term
            break
    return total


def whole_sum(
    point: torch.Tensor, label: int, targets: torch.Tensor, margins: Sequence[Sequence[float]]
) -> torch.Tensor:
    """Loss of one image over all false labels."""
    own = point @ targets[label]
    total = 0.0 * own
    for j in range(len(targets)):
        if j != label:
            total = total + max(0.0 * own, margins[label][j] - own + point @ targets[j])
    return total
