"""Retrofitting synset by synset, one sweep after the other, all from the sweep before."""

from collections.abc import Mapping, Sequence

import numpy as np


def retrofitted_loop(
    own: Mapping[str, np.ndarray],
    wnids: Sequence[str],
    edges: Sequence[tuple[str, str]],
    weight: float,
    dim: int,
    sweeps: int,
) -> dict[str, np.ndarray]:
    """Vectors of unit norm; own: those that there are."""
    vectors = {wnid: np.asarray(own.get(wnid, np.zeros(dim)), dtype=float) for wnid in wnids}
    for _ in range(sweeps):
        before = dict(vectors)
        for wnid in wnids:
            around = [before[b] for a, b in edges if a == wnid and b in before]
            around += [before[a] for a, b in edges if b == wnid and a in before]
            if around and wnid in own:
                vectors[wnid] = (own[wnid] + weight * np.mean(around, axis=0)) / (1 + weight)
            elif around:
                vectors[wnid] = np.mean(around, axis=0)
            elif wnid in own:
                vectors[wnid] = np.asarray(own[wnid]) / (1 + weight)
    lengths = {wnid: np.linalg.norm(vector) or 1 for wnid, vector in vectors.items()}
    return {wnid: vector / lengths[wnid] for wnid, vector in vectors.items()}
