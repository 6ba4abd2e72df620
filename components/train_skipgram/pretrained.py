"""Word vectors made elsewhere, reconciled with the taxonomy's terms.

Every name passes through the same normalisation as the terms: "Great_White_Shark", "Great White
Shark" and "great-white-shark" all are `great_white_shark`. Where several entries become one term,
the one that is written just like the term is taken, else the first, which is the most frequent,
since these files are sorted by frequency. Left out are names without a letter or digit, marks such
as `</s>`, and names that are no UTF-8; so are vectors of zeros, as of words that were only listed:
they have no direction, which is all that is read of a vector.

Counts: fastText's .bin has them; those of entries that become one term are added up. The other
formats do not, but their order tells the rank, so that the r-th of n entries is taken to occur
5 n / r times: Zipf's law, with the rarest at 5, below which word2vec, GloVe and fastText leave
words out by default. So `labels_minimum_count` at its default of 5 keeps all, and a greater one
takes away the rare end.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from components.shared.artifacts.terms import normalise_term
from components.shared.execution.progress import Progress
from components.shared.settings.skipgram import SkipgramSettings
from components.train_skipgram.vector_files import Entry, open_vectors

RAREST = 5
"""Occurrences of a file's last entry where it has no counts."""


@dataclass(frozen=True)
class Pretrained:
    """What was taken from a file of vectors.

    Attributes:
        format: The file's format.
        vocabulary: Counts of the terms in the order of the rows, most frequent first.
        vectors: float32 [terms, dim].
        entries: How many with a name the file has.
        merged: How many of them became a term that another entry has become too.
        without_term: How many have no term, such as punctuation.
        nameless: How many entries have no name.
        zeros: How many entries with a term have a vector of zeros.
        known: All terms of the file, those that were not kept too.
        counted: Whether the counts are the file's own.
    """

    format: str
    vocabulary: dict[str, int]
    vectors: np.ndarray
    entries: int
    merged: int
    without_term: int
    nameless: int
    zeros: int
    known: Collection[str]
    counted: bool


@dataclass
class _Collected:
    """Terms while they are collected; `ranks` and `counts` are those of the first entry on."""

    ranks: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    vectors: dict[str, np.ndarray] = field(default_factory=dict)
    exact: set[str] = field(default_factory=set)
    entries: int = 0
    merged: int = 0
    without_term: int = 0
    nameless: int = 0
    zeros: int = 0
    others: int = 0
    counted: bool = False


def take_pretrained(config: SkipgramSettings, labels: Collection[str], scratch: Path) -> Pretrained:
    """Read the vectors of `pretrained_uri` for the taxonomy's terms and the most frequent others.

    Args:
        config: The stage's parameters; `vocabulary_size` limits the other terms.
        labels: Normalised terms of the taxonomy.
        scratch: A folder for what must be downloaded or unpacked.

    Raises:
        ValueError: The file cannot be read, its vectors are not `skipgram_dim` long, or it has
            no term of the taxonomy.
    """
    uri = config.pretrained_uri
    with open_vectors(uri, config.dim, scratch) as file:
        collected = _collect(file.entries, labels, config.vocabulary_size)
    if not collected.vectors.keys() & set(labels):
        raise ValueError(
            f"{uri} has no term of the taxonomy: check taxonomy_uri and the vectors' language."
        )
    return _ordered(file.format, collected)


def _collect(entries: Iterable[Entry], labels: Collection[str], size: int) -> _Collected:
    found = _Collected()
    progress = Progress("train_skipgram: vectors made elsewhere", 0, "entries")
    for entry in entries:
        if not entry.name:
            # It has no rank among the others, whose counts are told by their ranks.
            found.nameless += 1
            continue
        found.entries += 1
        found.counted = entry.count is not None
        term = term_of(entry.name)
        if term is None:
            found.without_term += 1
        elif not entry.vector.any():
            found.zeros += 1
        else:
            _add(found, term, entry, term in labels, size)
        progress.update(found.entries)
    progress.finish()
    return found


def term_of(name: bytes) -> str | None:
    """Return the term that an entry's name stands for; None where it stands for none."""
    try:
        text = name.decode()
        # Marks of a sentence's end or an unknown word, not the letters between the brackets.
        return None if text.startswith("<") and text.endswith(">") else normalise_term(text)
    except ValueError:
        return None


def _add(found: _Collected, term: str, entry: Entry, is_label: bool, size: int) -> None:
    exact = entry.name == term.encode()
    if term in found.ranks:
        found.merged += 1
        found.counts[term] += entry.count or 0
        if exact and term not in found.exact and term in found.vectors:
            found.vectors[term] = entry.vector.copy()
            found.exact.add(term)
        return
    found.ranks[term] = found.entries
    found.counts[term] = entry.count or 0
    if is_label or not size or found.others < size:
        found.others += not is_label
        # A view would keep the whole block of the file that it was read from.
        found.vectors[term] = entry.vector.copy()
        if exact:
            found.exact.add(term)


def _ordered(format: str, found: _Collected) -> Pretrained:
    counts = {
        term: found.counts[term] if found.counted else zipf_count(found.ranks[term], found.entries)
        for term in found.vectors
    }
    terms = sorted(counts, key=lambda term: (-counts[term], found.ranks[term]))
    return Pretrained(
        format=format,
        vocabulary={term: counts[term] for term in terms},
        vectors=np.stack([found.vectors[term] for term in terms]),
        entries=found.entries,
        merged=found.merged,
        without_term=found.without_term,
        nameless=found.nameless,
        zeros=found.zeros,
        known=found.ranks.keys(),
        counted=found.counted,
    )


def zipf_count(rank: int, entries: int) -> int:
    """Estimate the occurrences of the entry at a rank, the first at rank 1."""
    return RAREST * entries // rank
