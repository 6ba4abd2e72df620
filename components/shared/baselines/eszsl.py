"""ESZSL: a bilinear form between features and label vectors, in closed form.

Romera-Paredes and Torr, "An embarrassingly simple approach to zero-shot learning", ICML 2015,
section 3: with the features X [features, images], the labels Y [images, classes], 1 for the true
class and -1 for the others, and the label vectors S [dim, classes],

    V = (X X^T + gamma I)^-1 X Y S^T (S S^T + lambda I)^-1

and the score of a label with vector s for an image x is x^T V s. Features are taken as they are,
not centred.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve
from torch import Tensor

from components.shared.artifacts.label_space import LabelSpace
from components.shared.baselines.class_statistics import ClassStatistics
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, scorer_of, vector_labels


@dataclass(frozen=True)
class Eszsl:
    """The bilinear form.

    Attributes:
        form: float32 [features, dim], the paper's V.
    """

    form: np.ndarray


def fit_eszsl(
    statistics: ClassStatistics,
    vectors: np.ndarray,
    *,
    gamma: float = 1.0,
    lambda_: float = 1.0,
) -> Eszsl:
    """Solve for V over the seen classes that have a vector.

    The paper tries both regularisers at powers of ten from 0.001 to 1,000, by cross-validation over
    classes; the defaults are the middle.

    Args:
        statistics: Of the training images of these classes.
        vectors: float32 [classes, dim], the target of each.
        gamma: Of the features.
        lambda_: Of the label vectors.
    """
    signatures = vectors.astype(np.float64)
    # Column c of X Y: what the images of c add up to, less all others.
    signed = 2 * statistics.sums - statistics.sums.sum(axis=0)
    of_features = statistics.products + gamma * np.eye(len(statistics.products))
    of_labels = signatures.T @ signatures + lambda_ * np.eye(signatures.shape[1])
    left = solve(of_features, signed.T @ signatures, assume_a="pos")
    return Eszsl(solve(of_labels, left.T, assume_a="pos").T.astype(np.float32))


def eszsl_scorer(eszsl: Eszsl, space: LabelSpace, wnids: Collection[str]) -> Scorer:
    """Make the scorer of features [n, features]; labels without a vector are not ranked.

    Raises:
        ValueError: A wnid is no label of the space.
    """
    labels = vector_labels(space, wnids)
    form, of_label = placed(eszsl.form @ labels.vectors.T), placed(labels.vector_of)

    def score(features: Tensor) -> Tensor:
        return (features.float() @ form(features.device))[:, of_label(features.device)]

    return scorer_of(labels.wnids, score)
