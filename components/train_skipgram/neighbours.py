"""Nearest terms by cosine: what the word vectors have learned, at a glance."""

from collections.abc import Sequence

import numpy as np

NEIGHBOURS = 9
"""As many as the paper shows for "tiger shark" and "car" (table in section 4.1)."""


def nearest_terms(
    term: str, terms: Sequence[str], vectors: np.ndarray, count: int = NEIGHBOURS
) -> list[tuple[str, float]]:
    """Nearest other terms, best first, equal cosines in the vocabulary's order.

    Args:
        term: A term of the vocabulary.
        terms: The vocabulary.
        vectors: [terms, dim].
        count: How many neighbours.

    Returns:
        Pairs of a term and its cosine.

    Raises:
        ValueError: The term is not in the vocabulary.
    """
    own = terms.index(term)
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), np.finfo(np.float32).tiny)
    cosines = vectors @ (vectors[own] / lengths[own]) / lengths
    cosines[own] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: min(count, len(terms) - 1)]
    return [(terms[row], round(float(cosines[row]), 4)) for row in best]
