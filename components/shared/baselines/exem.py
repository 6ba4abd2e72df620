"""EXEM: what the mean image of a class looks like, predicted from the label's vector.

Changpinyo, Chao, Sha, "Predicting Visual Exemplars of Unseen Classes for Zero-Shot Learning", ICCV
2017. The exemplar of a seen class is the mean of its images' features, reduced by PCA (section
3.1); kernel regressors lead from label vectors to exemplars (3.1), and an image is labelled by the
nearest predicted exemplar: 1NN by Euclidean distance, 1NNs by one in which each dimension is
divided by its deviation within classes (3.2). The score is the distance with a minus before it.

Three things are not as there. The paper trains a support vector regressor for each dimension; this
is kernel ridge regression over all at once, which has a closed form. Its kernel is exp(-d^2 / (2
w^2)), with the width w given as a multiple of the median distance between the seen labels' vectors,
so that it means the same for any vectors. The deviation is pooled over all images; there it is the
mean of the classes' own.

Seen labels are ranked by their predicted exemplars as well, not by the means that are known: so do
the authors where seen and unseen labels are ranked together (test_EXEM_GZSL.m of
pujols/Zero-shot-learning-journal), as else every image would be nearest to a seen class.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from scipy.linalg import eigh, solve
from scipy.spatial.distance import cdist, pdist
from torch import Tensor

from components.shared.artifacts.label_space import LabelSpace
from components.shared.baselines.class_statistics import ClassStatistics
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, scorer_of, vector_labels


@dataclass(frozen=True)
class Exem:
    """A regressor from label vectors to exemplars.

    Attributes:
        supports: float32 [classes, dim], vectors of the classes it was fitted to.
        coefficients: float32 [classes, reduced], what each of them adds to an exemplar.
        centre: float32 [reduced], the mean exemplar, which they are added to.
        width: Of the kernel, a distance between label vectors.
        feature_mean: float32 [features], subtracted before features are reduced.
        components: float32 [features, reduced], the principal components, or all dimensions as
            they are.
        deviations: float32 [reduced], what each dimension is divided by: ones for 1NN.
    """

    supports: np.ndarray
    coefficients: np.ndarray
    centre: np.ndarray
    width: float
    feature_mean: np.ndarray
    components: np.ndarray
    deviations: np.ndarray


def fit_exem(
    statistics: ClassStatistics,
    vectors: np.ndarray,
    *,
    bandwidth: float = 1.0,
    ridge: float = 0.1,
    pca_dims: int = 0,
    standardised: bool = False,
) -> Exem:
    """Fit the regressor to the seen classes that have a vector.

    The paper chooses its options by cross-validation over classes and reports 500 dimensions; the
    defaults here are the usual width, the median distance, and a small ridge.

    Args:
        statistics: Of the training images of these classes.
        vectors: float32 [classes, dim], the target of each.
        bandwidth: Width of the kernel, as a multiple of the median distance of two vectors.
        ridge: Added to the kernel's diagonal, which is 1.
        pca_dims: Principal components that features are reduced to; 0: they stay as they are.
        standardised: Whether each dimension is divided by its deviation within classes (1NNs).

    Raises:
        ValueError: No two classes have different vectors.
    """
    width = bandwidth * _median_distance(vectors)
    components = _components(statistics, pca_dims)
    exemplars = (statistics.class_means - statistics.mean) @ components
    centre = exemplars.mean(axis=0)
    kernel = _kernel(vectors, vectors, width) + ridge * np.eye(len(vectors))
    coefficients = solve(kernel, exemplars - centre, assume_a="pos")
    arrays = (vectors, coefficients, centre, statistics.mean, components)
    supports, weights, middle, mean, axes = (array.astype(np.float32) for array in arrays)
    deviations = _deviations(statistics, components, standardised)
    return Exem(supports, weights, middle, width, mean, axes, deviations)


def exemplars_of(exem: Exem, vectors: np.ndarray) -> np.ndarray:
    """Predict the exemplar of each label: float32 [labels, dim] to float32 [labels, reduced]."""
    kernel = _kernel(vectors, exem.supports, exem.width)
    predicted = kernel @ exem.coefficients.astype(np.float64) + exem.centre
    found: np.ndarray = predicted.astype(np.float32)
    return found


def exem_scorer(exem: Exem, space: LabelSpace, wnids: Collection[str]) -> Scorer:
    """Make the scorer of features [n, features]; labels without a vector are not ranked.

    Raises:
        ValueError: A wnid is no label of the space.
    """
    labels = vector_labels(space, wnids)
    exemplars = exemplars_of(exem, labels.vectors) / exem.deviations
    axes, of_label = placed(exem.components / exem.deviations), placed(labels.vector_of)
    mean, points = placed(exem.feature_mean), placed(exemplars)

    def score(features: Tensor) -> Tensor:
        device = features.device
        reduced = (features.float() - mean(device)) @ axes(device)
        return -torch.cdist(reduced, points(device))[:, of_label(device)]

    return scorer_of(labels.wnids, score)


def _median_distance(vectors: np.ndarray) -> float:
    distances = pdist(vectors.astype(np.float64))
    median = float(np.median(distances)) if len(distances) else 0.0
    if median == 0.0:
        raise ValueError(
            "Most of the seen classes' label vectors are equal, so that no exemplar follows from "
            "them: give word vectors that tell labels apart."
        )
    return median


def _kernel(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    squares = cdist(a.astype(np.float64), b.astype(np.float64), "sqeuclidean")
    kernel: np.ndarray = np.exp(-squares / (2 * width**2))
    return kernel


def _components(statistics: ClassStatistics, dims: int) -> np.ndarray:
    """The principal components of all images, the largest first: float64 [features, dims]."""
    features = len(statistics.mean)
    if dims == 0 or dims >= features:
        return np.eye(features)
    # eigh returns the smallest first.
    _, vectors = eigh(statistics.covariance, subset_by_index=(features - dims, features - 1))
    largest_first: np.ndarray = vectors[:, ::-1]
    return largest_first


def _deviations(
    statistics: ClassStatistics, components: np.ndarray, standardised: bool
) -> np.ndarray:
    if not standardised:
        return np.ones(components.shape[1], dtype=np.float32)
    within = np.einsum(
        "fr,fg,gr->r", components, statistics.within_covariance, components, optimize=True
    )
    # A dimension that never differs within a class tells no distance: it stays as it is. What
    # rounding leaves of it grows with the others.
    noise = np.finfo(np.float64).eps * len(components) * within.max()
    spread = np.sqrt(np.where(within > noise, within, 1.0))
    return spread.astype(np.float32)
