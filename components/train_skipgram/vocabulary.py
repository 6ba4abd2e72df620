"""Chooses the terms that get a vector."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from components.shared.artifacts.corpus import COUNTS_FILE
from components.shared.artifacts.word_vectors import by_count, read_counts


def total_counts(corpora: Iterable[Path]) -> Counter[str]:
    """Add up how often each term occurs over the parts of the corpus."""
    total: Counter[str] = Counter()
    for corpus in corpora:
        total.update(read_counts(corpus / COUNTS_FILE))
    return total


def choose_vocabulary(
    counts: Mapping[str, int], labels: Collection[str], minimum_count: int, size: int = 0
) -> dict[str, int]:
    """Choose the terms of the vocabulary.

    Args:
        counts: Occurrences of every term of the corpus.
        labels: Normalised terms of the taxonomy; those that occur are always in.
        minimum_count: Fewest occurrences of any other term.
        size: Most other terms, the most frequent ones; 0: no limit.

    Returns:
        Counts of the chosen terms, most frequent first, equal counts by term.

    Raises:
        ValueError: The corpus is empty or has no term of the taxonomy.
    """
    if not counts:
        raise ValueError("The corpus is empty: check corpus_uris.")
    kept = {term for term in labels if counts.get(term, 0) > 0}
    if not kept:
        raise ValueError(
            "The corpus has no term of the taxonomy: check taxonomy_uri and the text's language."
        )
    ordered = by_count(counts)
    others = [term for term, n in ordered if n >= minimum_count and term not in kept]
    chosen = kept.union(others[:size] if size else others)
    return {term: n for term, n in ordered if term in chosen}
