"""Cross-entropy with soft labels, image by image and label by label."""

import math

import numpy as np
import torch


def cross_entropy_sum(
    point: torch.Tensor,
    label: int,
    targets: torch.Tensor,
    hops: np.ndarray,
    share: float,
    beta: float,
    temperature: float,
) -> float:
    """Loss of one image; point [dim], targets [labels, dim], hops [labels][labels]."""
    scores = [float(point @ target) / temperature for target in targets]
    whole = sum(math.exp(score) for score in scores)
    near = [math.exp(-beta * hops[label][j]) for j in range(len(targets))]
    loss = 0.0
    for j, score in enumerate(scores):
        weight = share * near[j] / sum(near) + (1 - share) * (j == label)
        loss -= weight * math.log(math.exp(score) / whole)
    return loss
