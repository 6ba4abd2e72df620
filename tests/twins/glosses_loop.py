"""Vectors of glosses and what they add to synsets, a word and a synset at a time."""

from collections.abc import Mapping, Sequence

import numpy as np


def unit(vector: np.ndarray) -> np.ndarray:
    length = float(np.sqrt(sum(part * part for part in vector)))
    return vector / length if length else vector


def gloss_vectors_loop(
    glosses: Mapping[str, Sequence[str]],
    vectors: Mapping[str, np.ndarray],
    counts: Mapping[str, int],
    frequent: float,
) -> dict[str, np.ndarray]:
    """Of each gloss with a word that has a vector; glosses are their words, counts of all words."""
    total, sums = sum(counts.values()), {}
    for wnid, words in glosses.items():
        known = [word for word in words if word in vectors]
        if known:
            parts = [
                frequent / (frequent + counts[word] / total) * vectors[word].astype(float)
                for word in known
            ]
            sums[wnid] = unit(np.array([sum(column) for column in zip(*parts, strict=True)]))
    if not sums:
        return {}
    common = np.array([sum(column) / len(sums) for column in zip(*sums.values(), strict=True)])
    return {wnid: unit(own - common) for wnid, own in sums.items()}


def with_glosses_loop(
    own: Mapping[str, np.ndarray],
    told: Mapping[str, np.ndarray],
    labels: Sequence[str],
    weight: float,
) -> dict[str, np.ndarray]:
    """Of each label that has a vector of its terms, of its gloss, or both."""
    found = {}
    for wnid in labels:
        if wnid in own and wnid in told:
            pairs = zip(own[wnid].astype(float), told[wnid].astype(float), strict=True)
            found[wnid] = unit(np.array([mine + weight * its for mine, its in pairs]))
        elif wnid in own or wnid in told:
            found[wnid] = np.asarray(own[wnid] if wnid in own else told[wnid], dtype=float)
    return found
