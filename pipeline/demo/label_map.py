"""The map of a model's labels, and where a photo stands on it."""

from dataclasses import dataclass

import numpy as np

from components.shared.artifacts.label_space import NO_ROW
from components.shared.projection import FEWEST, plane
from components.shared.ranking.labeller import Labeller

MOST_LABELS = 1000
NEIGHBOURS = 5
SHARPNESS = 10.0
"""How much more a label counts for a photo's place that is nearer to it by a cosine of one."""
SEED = 0


@dataclass(frozen=True)
class LabelMap:
    """Labels in the plane; empty where too few have a vector.

    Attributes:
        wnids: Of the labels that are drawn.
        places: float [labels, 2], between 0 and 1.
        vectors: float32 [labels, dim], unit norm.
        of: How many labels have a vector.
    """

    wnids: tuple[str, ...]
    places: np.ndarray
    vectors: np.ndarray
    of: int

    def place(self, points: np.ndarray) -> list[tuple[float, float]]:
        """Return where points [n, dim] of the label space stand: among their nearest labels.

        t-SNE places what it was given alone; another point stands at the mean of its nearest
        labels' places, the nearer the more.
        """
        if not self.wnids:
            return []
        cosines = points @ self.vectors.T
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
        near = np.take_along_axis(cosines, nearest, axis=1)
        weights = np.exp(SHARPNESS * (near - near[:, :1]))
        weights /= weights.sum(axis=1, keepdims=True)
        places = (weights[:, :, None] * self.places[nearest]).sum(axis=1)
        return [(round(float(x), 4), round(float(y), 4)) for x, y in places]


def label_map(model: Labeller) -> LabelMap:
    """Lay out a model's labels, at most `MOST_LABELS` of them, drawn at random.

    Seconds for hundreds of labels.
    """
    labels = model.space.labels
    labels = labels[labels["target_row"] != NO_ROW]
    order = np.random.default_rng(SEED).permutation(len(labels))
    drawn = labels.iloc[np.sort(order[:MOST_LABELS])]
    vectors = model.space.vectors[drawn["target_row"].to_numpy()]
    if len(drawn) < FEWEST:
        return LabelMap((), np.empty((0, 2)), vectors[:0], len(labels))
    wnids = tuple(str(wnid) for wnid in drawn["wnid"])
    return LabelMap(wnids, plane(vectors, SEED), vectors, len(labels))
