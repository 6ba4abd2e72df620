"""EXEM a dimension, a class and an image at a time."""

from collections.abc import Sequence

import numpy as np


def kernel(a: np.ndarray, b: np.ndarray, width: float) -> float:
    return float(np.exp(-((a - b) ** 2).sum() / (2 * width**2)))


def median_distance(vectors: Sequence[np.ndarray]) -> float:
    count = len(vectors)
    pairs = [(i, j) for i in range(count) for j in range(i)]
    return float(np.median([np.sqrt(((vectors[i] - vectors[j]) ** 2).sum()) for i, j in pairs]))


def predicted_exemplars(
    features: np.ndarray,
    numbers: np.ndarray,
    vectors: np.ndarray,
    asked: np.ndarray,
    bandwidth: float,
    ridge: float,
) -> np.ndarray:
    """Exemplars in the features' own dimensions, one regression a dimension."""
    classes = len(vectors)
    width = bandwidth * median_distance(list(vectors))
    means = np.array([features[numbers == c].mean(axis=0) for c in range(classes)])
    gram = np.array([[kernel(a, b, width) for b in vectors] for a in vectors])
    found = np.empty((len(asked), features.shape[1]))
    for dimension in range(features.shape[1]):
        target = means[:, dimension]
        weights = np.linalg.inv(gram + ridge * np.eye(classes)) @ (target - target.mean())
        for row, vector in enumerate(asked):
            near = [kernel(vector, other, width) for other in vectors]
            found[row, dimension] = target.mean() + float(np.dot(near, weights))
    return found


def within_deviation(features: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Pooled over classes: the root of the mean square around each image's class mean."""
    squares = np.zeros(features.shape[1])
    for image, number in zip(features, numbers, strict=True):
        squares += (image - features[numbers == number].mean(axis=0)) ** 2
    return np.sqrt(squares / len(features))


def distances(image: np.ndarray, exemplars: np.ndarray, deviations: np.ndarray) -> list[float]:
    return [float(np.sqrt((((image - e) / deviations) ** 2).sum())) for e in exemplars]
