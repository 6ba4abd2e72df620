"""Label vectors laid out in the plane by t-SNE, each neighbour near its neighbours."""

from typing import Any

import numpy as np
from sklearn.manifold import TSNE

FEWEST = 4
"""Fewer vectors than this have no neighbourhoods to show."""


def plane(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Return a place between 0 and 1 for each vector by t-SNE, float [n, 2].

    The vectors are of unit length, so that their Euclidean order is that of the cosine; the start
    is their first two principal components, and the same seed gives the same map.

    Args:
        vectors: float32 [n, dim], unit norm, n at least `FEWEST`.
        seed: Of t-SNE.
    """
    count = len(vectors)
    # Below a hundred vectors the exact gradient is quick, and Barnes-Hut needs more neighbours.
    options: dict[str, Any] = {"method": "exact" if count < 100 else "barnes_hut"}
    # Equal vectors have no principal components.
    init = "pca" if np.ptp(vectors, axis=0).any() else "random"
    perplexity = min(30.0, (count - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, init=init, random_state=seed, n_jobs=1, **options)
    places = tsne.fit_transform(vectors.astype(np.float32))
    low, high = places.min(axis=0), places.max(axis=0)
    return np.asarray((places - low) / np.where(high > low, high - low, 1.0))
