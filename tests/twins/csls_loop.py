"""CSLS as Conneau et al. 2018 write it, pair by pair."""

from collections.abc import Sequence

import numpy as np


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def mean_of_nearest(one: np.ndarray, others: Sequence[np.ndarray], k: int) -> float:
    near = sorted((cosine(one, other) for other in others), reverse=True)[:k]
    return sum(near) / len(near)


def csls(
    image: np.ndarray,
    label: np.ndarray,
    labels: Sequence[np.ndarray],
    reference: Sequence[np.ndarray],
    k: int,
) -> float:
    r_image, r_label = mean_of_nearest(image, labels, k), mean_of_nearest(label, reference, k)
    return 2 * cosine(image, label) - r_image - r_label
