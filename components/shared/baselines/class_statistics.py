"""What closed forms need to know of the training images: sums by class and products of features.

The images are gone through once, in blocks, so that nothing grows with their number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

LEFT_OUT = -1
"""Number of an image that takes no part."""


@dataclass(frozen=True)
class ClassStatistics:
    """Sums over images.

    Attributes:
        counts: int64 [classes], images of each class.
        sums: float64 [classes, features], of their features.
        products: float64 [features, features], the sum of x x^T over all of them.
    """

    counts: np.ndarray
    sums: np.ndarray
    products: np.ndarray

    @property
    def images(self) -> int:
        """How many images there are."""
        return int(self.counts.sum())

    @property
    def mean(self) -> np.ndarray:
        """Mean over all images, float64 [features]."""
        mean: np.ndarray = self.sums.sum(axis=0) / self.images
        return mean

    @property
    def class_means(self) -> np.ndarray:
        """Mean of each class, float64 [classes, features]."""
        means: np.ndarray = self.sums / self.counts[:, None]
        return means

    @property
    def covariance(self) -> np.ndarray:
        """Of all images, float64 [features, features]."""
        return self.products / self.images - np.outer(self.mean, self.mean)

    @property
    def within_covariance(self) -> np.ndarray:
        """Pooled over the classes, around the mean of each: float64 [features, features]."""
        means = self.class_means
        around = self.products - means.T @ (means * self.counts[:, None])
        pooled: np.ndarray = around / self.images
        return pooled


def class_statistics(
    blocks: Iterable[np.ndarray], numbers: np.ndarray, classes: Sequence[str]
) -> ClassStatistics:
    """Add up the features of the images of some classes.

    Args:
        blocks: Features [n, features], one after another those of all images.
        numbers: int64 [images], the class of each image, `LEFT_OUT` for one that takes no part.
        classes: Their wnids.

    Raises:
        ValueError: A class has no image.
    """
    counts = np.bincount(numbers[numbers != LEFT_OUT], minlength=len(classes))
    if not counts.all():
        raise ValueError(
            f"The class {classes[int(counts.argmin())]} has no training image: leave it out of the "
            "classes whose means are taken."
        )
    sums, products, first = torch.zeros(0), torch.zeros(0), 0
    for features in blocks:
        own = numbers[first : first + len(features)]
        first += len(features)
        kept = own != LEFT_OUT
        block = torch.from_numpy(features[kept].astype(np.float64))
        if not sums.numel():
            sums = torch.zeros(len(classes), block.shape[1], dtype=torch.float64)
            products = torch.zeros(block.shape[1], block.shape[1], dtype=torch.float64)
        sums.index_add_(0, torch.from_numpy(own[kept]), block)
        products += block.T @ block
    assert first == len(numbers), "the blocks are those of other images"
    return ClassStatistics(counts, sums.numpy(), products.numpy())
