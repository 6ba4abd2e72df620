"""The words of the text that lie nearest to points of the label space."""

from dataclasses import dataclass

import numpy as np
import torch

from components.shared.artifacts.label_space import Words
from components.shared.artifacts.terms import JOINER

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


def nearest_words(points: np.ndarray, words: Words, k: int) -> list[list[NearWord]]:
    """Return the k nearest words of each point, best first, equal cosines in the words' order.

    Args:
        points: float32 [n, dim], unit norm.
        words: Every word vector.
        k: How many to give at most.
    """
    queries = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float32))
    values = torch.empty((len(points), 0))
    rows = torch.empty((len(points), 0), dtype=torch.int64)
    for start in range(0, len(words.vectors), BLOCK_WORDS):
        block = torch.from_numpy(words.vectors[start : start + BLOCK_WORDS]).float()
        own = torch.arange(start, start + len(block)).expand(len(points), -1)
        values = torch.cat([values, queries @ block.T], dim=1)
        rows = torch.cat([rows, own], dim=1)
        values, order = values.sort(dim=1, descending=True, stable=True)
        values, rows = values[:, :k], rows.gather(1, order)[:, :k]
    spelt = words.words["term"].to_numpy()
    return [
        [
            NearWord(str(spelt[row]).replace(JOINER, " "), float(value))
            for row, value in zip(found, near, strict=True)
        ]
        for found, near in zip(rows.tolist(), values.tolist(), strict=True)
    ]
