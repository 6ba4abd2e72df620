"""Pairs of a seen and an unseen label that share a term.

Where an unseen label shares a term with a seen one, training has moved images to a vector that the
unseen label is ranked by: its figures are no longer those of a label that was never trained on.
"""

from collections import defaultdict
from collections.abc import Iterable

import pandas as pd

from components.shared.artifacts.label_space import SharingPair


def pairs_sharing_terms(labels: pd.DataFrame) -> list[SharingPair]:
    """Return every pair of a seen and an unseen label that have a term in common.

    Any term counts, with or without a vector.

    Args:
        labels: Of a label space: wnid, role, terms.

    Returns:
        The pairs by their wnids, each with its common terms in the order of the seen label's.
    """
    unseen_by_term: dict[str, list[str]] = defaultdict(list)
    unseen = labels[labels["role"] != "seen"]
    for wnid, terms in zip(unseen["wnid"], unseen["terms"], strict=True):
        for term in dict.fromkeys(terms):
            unseen_by_term[term].append(wnid)
    seen = labels[labels["role"] == "seen"]
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for wnid, terms in zip(seen["wnid"], seen["terms"], strict=True):
        for term in dict.fromkeys(terms):
            for other in unseen_by_term.get(term, ()):
                found[wnid, other].append(term)
    return [{"seen": a, "unseen": b, "terms": terms} for (a, b), terms in sorted(found.items())]


def named_pairs(pairs: Iterable[SharingPair], labels: pd.DataFrame) -> list[str]:
    """Return what each pair has in common, and the first terms and wnids of its two labels.

    Args:
        pairs: Some of the pairs of these labels.
        labels: Of the label space: wnid, terms.
    """
    names = {wnid: terms[0] for wnid, terms in zip(labels["wnid"], labels["terms"], strict=True)}
    return [
        f"{', '.join(pair['terms'])}: {names[pair['seen']]} ({pair['seen']}) and "
        f"{names[pair['unseen']]} ({pair['unseen']})"
        for pair in pairs
    ]
