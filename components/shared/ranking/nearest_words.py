"""The words of the text that lie nearest to points of the label space."""

from dataclasses import dataclass

import numpy as np
import torch

from components.shared.artifacts.label_space import Words
from components.shared.artifacts.terms import JOINER
from components.shared.ranking.largest import largest

BLOCK_WORDS = 1 << 16
"""Words that are compared at once: in float32 they take a few ten megabytes."""


@dataclass(frozen=True)
class NearWord:
    """A word, or a term of several.

    Attributes:
        word: As people write it.
        cosine: Between its vector and the point.
    """

    word: str
    cosine: float


def nearest_words(
    points: np.ndarray, words: Words, k: int, device: torch.device | str = "cpu"
) -> list[list[NearWord]]:
    """Return the k nearest words of each point, best first, equal cosines in the words' order.

    Args:
        points: float32 [n, dim], unit norm.
        words: Every word vector.
        k: How many to give at most.
        device: Where the cosines are computed; the words come to it block by block.
    """
    if k < 1:
        return [[] for _ in points]
    queries = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32)).to(device)
    values = torch.empty((len(points), 0), device=device)
    rows = torch.empty((len(points), 0), dtype=torch.int64, device=device)
    for start in range(0, len(words.vectors), BLOCK_WORDS):
        block = torch.from_numpy(words.vectors[start : start + BLOCK_WORDS]).to(device).float()
        near, own = largest(queries @ block.T, k)
        # Rows ascend among equal values, both of those found before and of these.
        values, order = largest(torch.cat([values, near], dim=1), k)
        rows = torch.cat([rows, own + start], dim=1).gather(1, order)
    spelt = words.words["term"].to_numpy()
    return [
        [
            NearWord(str(spelt[row]).replace(JOINER, " "), float(value))
            for row, value in zip(found, near, strict=True)
        ]
        for found, near in zip(rows.tolist(), values.tolist(), strict=True)
    ]
