"""The images by which CSLS tells how crowded a label is: validation images of the seen classes.

None of them is tested, and none was trained on, whose projections training has drawn to their
labels. A network that was trained further sees them itself; for all others the pretrained trunk's
features are there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from components.shared.artifacts.features import Features, FeatureView, held_out_images
from components.shared.artifacts.label_space import LabelSpace
from components.shared.images.batches import centre_batches
from components.shared.images.crops import ImageView
from components.shared.images.shards import ImageStore
from components.shared.ranking.csls import crowding, crowding_of_each

BATCH_SIZE = 128
MOST_IMAGES = 20_000
"""Evenly out of all: more change the mean of a label's nearest little."""
FEATURES_AT_ONCE = 4096

Project = Callable[[Tensor], Tensor]
"""Features, or images, to points of a label space."""


@dataclass(frozen=True)
class Reference:
    """The images, and how many of a label's nearest are counted.

    Attributes:
        frame: Their image index rows.
        features: What the pretrained trunk makes of them.
        nearest: How many.
        device: Where networks run.
    """

    frame: pd.DataFrame
    features: FeatureView
    nearest: int
    device: torch.device

    def by_features(self, space: LabelSpace, project: Project) -> np.ndarray:
        """How crowded each vector of a label space is, by features that are projected into it."""
        blocks = self.features.blocks(FEATURES_AT_ONCE)
        features = (torch.from_numpy(block).to(self.device).float() for block in blocks)
        with torch.inference_mode():
            return crowding(space.vectors, map(project, features), self.nearest)

    def by_images(
        self, networks: Sequence[tuple[LabelSpace, Project]], view: ImageView
    ) -> list[np.ndarray]:
        """The same by the images themselves, each of which is decoded once for all networks.

        Args:
            networks: Label spaces, and what projects images into each; at least one.
            view: How images become their input.
        """
        batches = centre_batches(ImageStore(self.frame), view, BATCH_SIZE, self.device)
        with torch.inference_mode():
            points = ([project(images) for _, project in networks] for images in batches)
            spaces = [space.vectors for space, _ in networks]
            return crowding_of_each(spaces, points, self.nearest)


def reference_of(
    index: pd.DataFrame, features: Features, nearest: int, device: torch.device
) -> Reference:
    """Choose the images.

    Args:
        index: Rows of all images.
        features: Of the same index.
        nearest: How many of a label's nearest are counted.
        device: Where networks run.

    Raises:
        ValueError: There is no validation image of a seen class.
    """
    every = held_out_images(index)
    places = np.flatnonzero((every["split"] == "validation") & every["seen"].astype(bool))
    if not len(places):
        raise ValueError(
            "evaluate_csls needs validation images of seen classes: raise images_validation_share."
        )
    chosen = places[:: -(-len(places) // MOST_IMAGES)]
    frame = every.iloc[chosen].reset_index(drop=True)
    return Reference(frame, features.held_out_of(chosen), nearest, device)
