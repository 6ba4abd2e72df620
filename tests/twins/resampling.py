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


def class_bootstrap_means(
    column: list[float], classes: list[int], samples: int, seed: int
) -> list[float]:
    """Classes with replacement; then each drawn class's images with replacement."""
    members = [
        [value for value, own in zip(column, classes, strict=True) if own == one]
        for one in range(max(classes) + 1)
    ]
    generator = np.random.default_rng(seed)
    drawn = [list(generator.integers(0, len(members), len(members))) for _ in range(samples)]
    totals, images = [0.0] * samples, [0] * samples
    for code, values in enumerate(members):
        own = np.random.default_rng([seed, 1 + code])
        for sample, chosen in enumerate(drawn):
            for _ in range(chosen.count(code)):
                for image in own.integers(0, len(values), len(values)):
                    totals[sample] += values[image]
                    images[sample] += 1
    return [total / count for total, count in zip(totals, images, strict=True)]


def class_interval(column: list[float], classes: list[int], samples: int, seed: int) -> list[float]:
    # A difference of means over the same images is the mean of the differences.
    means = class_bootstrap_means(column, classes, samples, seed)
    return [quantile(means, 0.025), quantile(means, 0.975)]


def class_sign_flip_p(
    differences: list[float], classes: list[int], samples: int, seed: int
) -> float:
    """One coin a class."""
    generator = np.random.default_rng(seed)
    observed = abs(sum(differences) / len(differences))
    as_extreme = 1
    # Drawn at once: of small numbers numpy takes several from one word of its bits.
    for coins in generator.integers(0, 2, (samples, max(classes) + 1), dtype=np.int8):
        total = 0.0
        for difference, own in zip(differences, classes, strict=True):
            total += difference if coins[own] else -difference
        if abs(total / len(differences)) >= observed - 1e-12:
            as_extreme += 1
    return as_extreme / (1 + samples)


def per_class_mean(column: list[float], classes: list[int]) -> float:
    means = []
    for one in range(max(classes) + 1):
        own = [value for value, code in zip(column, classes, strict=True) if code == one]
        means.append(sum(own) / len(own))
    return sum(means) / len(means)
