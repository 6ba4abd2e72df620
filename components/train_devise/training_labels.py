"""What the loss needs of the label space: the distinct target vectors of the seen labels."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.label_space import NO_ROW, LabelSpace, members, target_rows


@dataclass(frozen=True)
class TrainingLabels:
    """The seen labels as the loss sees them.

    Attributes:
        targets: float32 [labels, dim], each distinct target vector once, in the order of the
            wnids that need them.
        target_of: The row of `targets` of each seen label that has a vector.
        without_vector: The seen labels without one, sorted: neither images nor negatives.
    """

    targets: np.ndarray
    target_of: Mapping[str, int]
    without_vector: tuple[str, ...]


def training_labels(space: LabelSpace) -> TrainingLabels:
    """Collect the targets of the seen labels.

    Raises:
        ValueError: No seen label has a vector.
    """
    seen = sorted(members(space, SEEN))
    rows = dict(zip(seen, target_rows(space, seen), strict=True))
    number_of: dict[bytes, int] = {}
    targets: list[np.ndarray] = []
    target_of: dict[str, int] = {}
    for wnid, row in rows.items():
        if row == NO_ROW:
            continue
        vector = space.vectors[row]
        if number_of.setdefault(vector.tobytes(), len(targets)) == len(targets):
            targets.append(vector)
        target_of[wnid] = number_of[vector.tobytes()]
    if not targets:
        raise ValueError(
            "No seen label has a vector; give more text or lower labels_minimum_count."
        )
    without = tuple(wnid for wnid, row in rows.items() if row == NO_ROW)
    return TrainingLabels(np.stack(targets), target_of, without)


def with_targets(frame: pd.DataFrame, labels: TrainingLabels) -> tuple[pd.DataFrame, np.ndarray]:
    """Keep the images [n] whose label has a vector, and give each one's target row, int64 [n].

    Raises:
        ValueError: No image is left.
    """
    kept = frame[frame["wnid"].isin(set(labels.target_of))].reset_index(drop=True)
    if kept.empty:
        raise ValueError("No training image has a label with a vector; check images_classes.")
    return kept, np.array([labels.target_of[wnid] for wnid in kept["wnid"]], dtype=np.int64)
