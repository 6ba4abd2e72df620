"""Labels that are near everything are nearer than they should be: hubs, and CSLS against them.

Conneau et al., "Word Translation Without Parallel Data", ICLR 2018, section 2.3: of a cosine is
taken how crowded both ends are, the mean cosine to their k nearest on the other side,

    CSLS(x, y) = 2 cos(x, y) - r(x) - r(y).

r(x) is the same for every label of an image and changes no order, so that labels are ranked by
cos(x, y) - r(y) / 2. r(y) is the mean cosine of a label's vector to its k nearest images of a
reference, which are never those that are tested.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from components.shared.artifacts.label_space import LabelSpace
from components.shared.ranking.nearest_labels import (
    CandidateTerms,
    candidate_terms,
    distinct_rows,
)

VECTORS_AT_ONCE = 8192
"""That are compared with some thousand images in one product."""


def crowding(vectors: np.ndarray, points: Iterable[Tensor], k: int) -> np.ndarray:
    """Measure how crowded each vector is: the mean cosine to its k nearest points.

    Args:
        vectors: float32 [n, dim], unit norm.
        points: [m, dim] each, of any length.
        k: How many points; all where there are fewer.

    Returns:
        float32 [n].
    """
    return crowding_of_each([vectors], ([block] for block in points), k)[0]


def crowding_of_each(
    spaces: Sequence[np.ndarray], points: Iterable[Sequence[Tensor]], k: int
) -> list[np.ndarray]:
    """Measure it in several label spaces, whose points come together.

    Args:
        spaces: The vectors of each, float32 [n, dim], unit norm; at least one.
        points: Blocks of images, of each the points [m, dim] in every label space.
        k: How many points; all where there are fewer.

    Returns:
        float32 [n] of each label space.
    """
    own = [distinct_rows(vectors) or (vectors, np.arange(len(vectors))) for vectors in spaces]
    nearest: list[list[Tensor]] = [[] for _ in spaces]
    for blocks in points:
        for number, block in enumerate(blocks):
            nearest[number] = _nearest(own[number][0], block, nearest[number], k)
    assert all(nearest), "there is no reference image"
    means = (torch.cat([one.mean(dim=1) for one in parts]).cpu().numpy() for parts in nearest)
    return [found[places] for found, (_, places) in zip(means, own, strict=True)]


def _nearest(vectors: np.ndarray, block: Tensor, before: list[Tensor], k: int) -> list[Tensor]:
    """The k largest cosines of each vector, to the points of a block and what there was before."""
    units = normalize(block.detach().float(), dim=1)
    parts = torch.from_numpy(vectors).to(units.device).split(VECTORS_AT_ONCE)
    cosines = [part @ units.T for part in parts]
    if before:
        cosines = [torch.cat(pair, dim=1) for pair in zip(before, cosines, strict=True)]
    return [one.topk(min(k, one.shape[1]), dim=1).values for one in cosines]


def less_crowded(space: LabelSpace, wnids: Collection[str], crowded: np.ndarray) -> CandidateTerms:
    """Return candidate terms whose product with `with_one` of a point is its cosine less r / 2.

    Args:
        space: The label space.
        wnids: The labels to rank.
        crowded: float32 [rows of the space], r of each of its vectors.

    Raises:
        ValueError: A wnid is no label of the space, or no candidate has a vector.
    """
    candidates = candidate_terms(space, wnids)
    r_of = dict(zip(space.terms["term"], crowded, strict=True))
    halves = np.array([r_of[term] / 2 for term in candidates.terms], dtype=np.float32)
    return replace(candidates, vectors=np.column_stack([candidates.vectors, -halves]))


def with_one(points: Tensor) -> Tensor:
    """Return the unit vectors of points [n, dim] with a 1 behind: [n, dim + 1]."""
    units = normalize(points.detach().float(), dim=1)
    return torch.cat([units, units.new_ones(len(units), 1)], dim=1)
