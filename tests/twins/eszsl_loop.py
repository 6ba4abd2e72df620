"""ESZSL as the paper writes it, with every image in a matrix."""

import numpy as np


def bilinear_form(
    features: np.ndarray, numbers: np.ndarray, vectors: np.ndarray, gamma: float, lambda_: float
) -> np.ndarray:
    """V [features, dim] from features [images, features], class numbers and vectors."""
    x, s = features.astype(float).T, vectors.astype(float).T
    y = np.full((len(features), len(vectors)), -1.0)
    for image, number in enumerate(numbers):
        y[image, number] = 1.0
    left = np.linalg.inv(x @ x.T + gamma * np.eye(len(x)))
    right = np.linalg.inv(s @ s.T + lambda_ * np.eye(len(s)))
    form: np.ndarray = left @ x @ y @ s.T @ right
    return form
