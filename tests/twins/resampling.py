"""Bootstrap and randomisation test in loops, a resample and an image at a time."""

import numpy as np


def bootstrap_means(column: list[float], samples: int, seed: int) -> list[float]:
    generator = np.random.default_rng(seed)
    images = len(column)
    means = []
    for _ in range(samples):
        drawn = [column[image] for image in generator.integers(0, images, images)]
        means.append(sum(drawn) / images)
    return means


def quantile(values: list[float], share: float) -> float:
    """Linear between the two neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def interval(column: list[float], samples: int, seed: int) -> list[float]:
    means = bootstrap_means(column, samples, seed)
    return [quantile(means, 0.025), quantile(means, 0.975)]


def sign_flip_p(differences: list[float], samples: int, seed: int) -> float:
    generator = np.random.default_rng(seed)
    images = len(differences)
    observed = abs(sum(differences) / images)
    as_extreme = 1
    for _ in range(samples):
        total = 0.0
        coins = generator.integers(0, 2, images, dtype=np.int8)
        for difference, coin in zip(differences, coins, strict=True):
            total += difference if coin else -difference
        if abs(total / images) >= observed - 1e-12:
            as_extreme += 1
    return as_extreme / (1 + samples)
