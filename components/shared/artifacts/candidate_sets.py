"""Candidate sets: which labels are ranked, which of them may be correct, on which images.

Frome et al. 2013, section 4: the seen labels; and each zero-shot set in two forms, alone
(DeViSE-0) and with the seen labels (DeViSE+1K).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.shared.artifacts.label_space import LabelSpace, members

SEEN = "seen"
PLUS_SEEN = "_plus_seen"


@dataclass(frozen=True)
class CandidateSet:
    """One value of `candidates` in the public contracts.

    Attributes:
        name: `seen`, `<set>` or `<set>_plus_seen`.
        labels: Name of the labels whose images are tested: `seen` or `<set>`.
        members: wnids that are ranked, those without a vector too.
        valid: wnids that may be in hCorrectSet.
        images: bool [rows of the frame], the images that are tested.
    """

    name: str
    labels: str
    members: tuple[str, ...]
    valid: frozenset[str]
    images: np.ndarray

    @property
    def is_zero_shot(self) -> bool:
        """Whether no tested image is of a class that was trained on."""
        return self.labels != SEEN


def tested_images(
    index: pd.DataFrame, space: LabelSpace, zero_shot_sets: Sequence[str]
) -> pd.DataFrame:
    """Return the test images of the seen labels and of the zero-shot sets, in index order.

    Args:
        index: Rows of all images.
        space: The label space with the members of every set.
        zero_shot_sets: Names of the sets.

    Raises:
        ValueError: The label space lacks a set.
    """
    tested = {wnid for name in [SEEN, *zero_shot_sets] for wnid in members(space, name)}
    chosen = (index["split"] == "test") & index["wnid"].isin(tested)
    return index[chosen].reset_index(drop=True)


def candidate_sets(
    space: LabelSpace, zero_shot_sets: Sequence[str], frame: pd.DataFrame
) -> list[CandidateSet]:
    """Build `seen` and both forms of every zero-shot set.

    Args:
        space: The label space with the members of every set.
        zero_shot_sets: Names of the sets.
        frame: Image index rows; `wnid` says what an image shows.

    Raises:
        ValueError: The label space lacks a set, or no image shows a member of one.
    """
    names = [(SEEN, SEEN)]
    names += [(full, name) for name in zero_shot_sets for full in (name, name + PLUS_SEEN)]
    return [_candidate_set(space, name, labels, frame) for name, labels in names]


def _candidate_set(space: LabelSpace, name: str, labels: str, frame: pd.DataFrame) -> CandidateSet:
    tested = members(space, labels)
    images = frame["wnid"].isin(tested).to_numpy(copy=True)
    if not images.any():
        raise ValueError(
            f"No image shows a label of {labels!r}: give images of these classes, or take the set "
            "out of evaluate_zero_shot_sets."
        )
    valid = frozenset(tested) | frozenset(members(space, SEEN))
    return CandidateSet(name, labels, tuple(members(space, name)), valid, images)
