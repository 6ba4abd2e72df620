"""Candidate sets: which labels are ranked, which of them may be correct, on which images.

Frome et al. 2013, section 4: the seen labels; and each zero-shot set in two forms, alone
(DeViSE-0) and with the seen labels (DeViSE+1K). Where seen and unseen labels compete, images of the
seen classes are asked as well (generalised zero-shot: Chao et al. 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from components.shared.artifacts.label_space import LabelSpace, members
from components.shared.settings.zero_shot_sets import PLUS_SEEN, SEEN, SEEN_AMONG

__all__ = ["PLUS_SEEN", "SEEN", "SEEN_AMONG"]


@dataclass(frozen=True)
class CandidateSet:
    """One value of `candidates` in the public contracts.

    Attributes:
        name: `seen`, `<set>`, `<set>_plus_seen` or `seen_among_<set>`.
        labels: Name of the true labels with what may be near them: `seen`; `<set>`; or
            `seen_among_<set>`, the seen ones, which the set's labels may be near as well.
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
    def tested(self) -> str:
        """Name of the labels whose images are tested: `seen` or `<set>`."""
        return SEEN if self.labels.startswith(SEEN_AMONG) else self.labels

    @property
    def is_zero_shot(self) -> bool:
        """Whether no tested image is of a class that was trained on."""
        return self.tested != SEEN


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
    """Build `seen` and the three forms of every zero-shot set.

    Args:
        space: The label space with the members of every set.
        zero_shot_sets: Names of the sets.
        frame: Image index rows; `wnid` says what an image shows.

    Raises:
        ValueError: The label space lacks a set, or no image shows a member of one.
    """
    seen = _images_of(space, SEEN, frame)
    found = [_candidate_set(space, SEEN, SEEN, (SEEN,), seen)]
    for name in zero_shot_sets:
        unseen, both, among = _images_of(space, name, frame), (name, SEEN), SEEN_AMONG + name
        found += [
            _candidate_set(space, name, name, both, unseen),
            _candidate_set(space, name + PLUS_SEEN, name, both, unseen),
            _candidate_set(space, among, among, both, seen),
        ]
    return found


def _candidate_set(
    space: LabelSpace, name: str, labels: str, valid: Sequence[str], images: np.ndarray
) -> CandidateSet:
    wnids = frozenset(wnid for one in valid for wnid in members(space, one))
    return CandidateSet(name, labels, tuple(members(space, name)), wnids, images)


def _images_of(space: LabelSpace, labels: str, frame: pd.DataFrame) -> np.ndarray:
    images: np.ndarray = frame["wnid"].isin(members(space, labels)).to_numpy(copy=True)
    if not images.any():
        raise ValueError(
            f"No image shows a label of {labels!r}: give images of these classes, or take the set "
            "out of evaluate_zero_shot_sets."
        )
    return images


def halves_of(candidates: CandidateSet) -> tuple[str, str] | None:
    """Return which rankings have the seen and which the unseen labels on the same images.

    Args:
        candidates: A candidate set.

    Returns:
        The names of both, that of the seen labels first; None where seen and unseen labels do not
        compete.
    """
    if candidates.name == SEEN or (
        candidates.is_zero_shot and candidates.name == candidates.labels
    ):
        return None
    if candidates.is_zero_shot:
        return f"{SEEN}.{candidates.labels}", candidates.labels
    return SEEN, f"{candidates.name.removeprefix(SEEN_AMONG)}.{SEEN}"


def further_halves(sets: Sequence[CandidateSet]) -> list[CandidateSet]:
    """Return what is ranked for calibration alone; no figure is made from it.

    These are the seen labels on the images of each zero-shot set, and the set's on those of the
    seen. Their names are those of the labels and of whose images they are asked about.

    Args:
        sets: The candidate sets.
    """
    by_name = {one.name: one for one in sets}
    found: list[CandidateSet] = []
    for one in sets:
        if one.is_zero_shot and one.name == one.labels:
            seen = by_name[SEEN]
            found.append(replace(one, name=f"{SEEN}.{one.name}", members=seen.members))
            found.append(replace(seen, name=f"{one.name}.{SEEN}", members=one.members))
    return found
