"""Which vector stands for a synset (paper, appendix A.2), and which terms lead to it.

A synset's target is the vector of its first term with one; else the mean of the words of its first
multi-word term whose words all have one; else none. A term has a vector when it occurs at least
`minimum_count` times: one seen once has a near-random vector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from components.shared.artifacts.label_space import unit_norm
from components.shared.artifacts.terms import JOINER, normalise_term
from components.shared.artifacts.word_vectors import (
    COUNTS_FILE,
    VECTORS_FILE,
    read_counts,
    read_word2vec_binary,
)

FIRST_TERM, SYNONYM, MEAN, MEAN_OF_TERMS, GLOSS, NEIGHBOURS, FILE, NONE = (
    "first_term",
    "synonym",
    "mean",
    "mean_of_terms",
    "gloss",
    "neighbours",
    "file",
    "none",
)
TERM = "term"
SOURCES = (FIRST_TERM, SYNONYM, MEAN, MEAN_OF_TERMS, GLOSS, NEIGHBOURS, FILE, NONE)


@dataclass(frozen=True)
class Vocabulary:
    """The terms that occur often enough.

    Attributes:
        vectors: float32 [words, dim], unit norm.
        row_of: Row of each term that has a vector.
        counts: How often each of them occurs.
        terms: Of each row, those included that are too rare.
    """

    vectors: np.ndarray
    row_of: Mapping[str, int]
    counts: Mapping[str, int]
    terms: Sequence[str]

    def vector(self, term: str) -> np.ndarray:
        """Return the unit vector [dim] of a term that has one."""
        found: np.ndarray = self.vectors[self.row_of[term]]
        return found


@dataclass
class TermRow:
    """A row of the ranking table while it is collected: its synsets by whether it is their first.

    Attributes:
        source: Term, mean, mean_of_terms, gloss, neighbours or file.
        count: How often the term occurs in the text.
        vector: float32 [dim], unit norm.
        first_of: The wnids whose first term it is.
        other_of: The other wnids it stands for.
    """

    source: str
    count: int
    vector: np.ndarray
    first_of: set[str] = field(default_factory=set)
    other_of: set[str] = field(default_factory=set)

    def synsets(self) -> list[str]:
        """Return its synsets in the fixed order: its first, then the others, each by wnid."""
        return sorted(self.first_of) + sorted(self.other_of - self.first_of)


@dataclass(frozen=True)
class Target:
    """A synset's target: the text of its row ("" for none) and where it came from."""

    term: str
    source: str


def vocabulary(
    terms: Sequence[str], vectors: np.ndarray, counts: Mapping[str, int], minimum_count: int
) -> Vocabulary:
    """Keep the terms that occur at least `minimum_count` times, with unit vectors.

    Args:
        terms: A term for each row of `vectors`.
        vectors: float32 [words, dim], of any length.
        counts: How often each term occurs.
        minimum_count: What a term must reach.

    Raises:
        ValueError: A term has no count.
    """
    for term in terms:
        if term not in counts:
            raise ValueError(f"The word vectors have {term!r}, but counts.parquet does not.")
    row_of = {term: row for row, term in enumerate(terms) if counts[term] >= minimum_count}
    return Vocabulary(unit_norm(vectors), row_of, counts, terms)


def read_vocabulary(word_vectors: Path, minimum_count: int) -> Vocabulary:
    """Read the terms that occur often enough of word vectors.

    Args:
        word_vectors: Folder of the vectors and of their counts.
        minimum_count: What a term must reach.

    Raises:
        ValueError: The vectors are broken, or a term has no count.
    """
    terms, vectors = read_word2vec_binary(word_vectors / VECTORS_FILE)
    return vocabulary(terms, vectors, read_counts(word_vectors / COUNTS_FILE), minimum_count)


def normalised(terms: Sequence[str]) -> list[str]:
    """Normalise a synset's terms, each once, in their order."""
    return list(dict.fromkeys(normalise_term(term) for term in terms))


def target_of(terms: Sequence[str], words: Vocabulary) -> Target:
    """Choose the target of a synset with these normalised terms."""
    for number, term in enumerate(terms):
        if term in words.row_of:
            return Target(term, SYNONYM if number else FIRST_TERM)
    for term in terms:
        if JOINER in term and all(word in words.row_of for word in term.split(JOINER)):
            return Target(term, MEAN)
    return Target("", NONE)


def mean_of_words(term: str, words: Vocabulary) -> np.ndarray:
    """Average the unit vectors of a multi-word term's words: float32 [dim], unit norm."""
    parts = np.stack([words.vector(word) for word in term.split(JOINER)])
    return unit_norm(parts.mean(axis=0))


def term_rows(
    labels: Mapping[str, Sequence[str]], words: Vocabulary
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    """Make the ranking table and the targets by the paper's definition.

    Args:
        labels: The normalised terms of each label.
        words: The terms that have vectors.

    Returns:
        The row of each distinct term that has a vector, or stands in for a synset that has
        nothing else, and the target of each label.
    """
    rows: dict[str, TermRow] = {}
    chosen = {wnid: target_of(terms, words) for wnid, terms in labels.items()}
    for wnid, terms in labels.items():
        only = chosen[wnid].term if chosen[wnid].source == MEAN else None
        for term in terms:
            if term in words.row_of or term == only:
                row = rows.setdefault(term, _new_row(term, words))
                (row.first_of if term == terms[0] else row.other_of).add(wnid)
    return rows, chosen


def mean_of_terms_rows(
    labels: Mapping[str, Sequence[str]], words: Vocabulary
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    """Make one row a synset, the normalised mean of its terms' unit vectors, target and ranking.

    Args and returns are those of `term_rows`; a row's text is the first term, `#` and the wnid.
    """
    rows: dict[str, TermRow] = {}
    chosen: dict[str, Target] = {}
    for wnid, terms in labels.items():
        found = [term for term in terms if term in words.row_of]
        target = target_of(terms, words)
        if target.source == NONE:
            chosen[wnid] = target
            continue
        text = synset_text(terms, wnid)
        rows[text] = _mean_row(found, words) if found else _new_row(target.term, words)
        rows[text].first_of.add(wnid)
        chosen[wnid] = Target(text, rows[text].source)
    return rows, chosen


def synset_text(terms: Sequence[str], wnid: str) -> str:
    """Name a row that is one synset's alone."""
    return f"{terms[0]}#{wnid}"


def _new_row(term: str, words: Vocabulary) -> TermRow:
    if term in words.row_of:
        return TermRow(TERM, words.counts[term], words.vector(term))
    return TermRow(MEAN, words.counts.get(term, 0), mean_of_words(term, words))


def _mean_row(terms: Sequence[str], words: Vocabulary) -> TermRow:
    mean = np.stack([words.vector(term) for term in terms]).mean(axis=0)
    return TermRow(MEAN_OF_TERMS, sum(words.counts[term] for term in terms), unit_norm(mean))


def target_vectors(
    rows: Mapping[str, TermRow], chosen: Mapping[str, Target]
) -> dict[str, np.ndarray]:
    """Return the target's vector, float32 [dim], of each synset that has one.

    Args:
        rows: By the text of a target.
        chosen: The target of each synset, those without one included.
    """
    found = {wnid: target.term for wnid, target in chosen.items() if target.source != NONE}
    return {wnid: rows[term].vector for wnid, term in found.items()}
