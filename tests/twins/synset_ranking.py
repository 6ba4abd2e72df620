"""Appendix A.2 word by word: nearest terms, their synsets, first occurrences, cut."""

from collections.abc import Iterable

import numpy as np

Row = tuple[str, np.ndarray, set[str], set[str]]
"""A term, its vector, the synsets whose first term it is, the others that have it."""


def rank_one(
    query: np.ndarray, table: Iterable[Row], candidates: set[str], k: int, nearest: int
) -> list[str]:
    """Rank by a table of (term, vector, first_of: set, other_of: set), one query at a time."""
    unit = query / np.linalg.norm(query)
    scored = []
    for term, vector, first_of, other_of in table:
        if candidates & (first_of | other_of):
            cosine = round(float(unit @ vector / np.linalg.norm(vector)), 5)
            scored.append((-cosine, term, sorted(first_of) + sorted(other_of)))
    ranked: list[str] = []
    for _, _, synsets in sorted(scored)[:nearest]:
        for wnid in synsets:
            if wnid in candidates and wnid not in ranked:
                ranked.append(wnid)
    return ranked[:k]
