"""The squared distance of a point to its target, coordinate by coordinate."""

import torch


def l2_sum(point: torch.Tensor, label: int, targets: torch.Tensor) -> torch.Tensor:
    """Loss of one image; point [dim], targets [labels, dim]."""
    total = torch.zeros((), dtype=point.dtype)
    for coordinate, wanted in zip(point, targets[label], strict=True):
        total = total + (coordinate - wanted) ** 2
    return total
