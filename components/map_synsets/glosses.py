"""What a dictionary says of a synset, as a vector beside that of its terms.

A term that the text hardly has, has no vector or a poor one; its gloss is made of words that the
text has. A gloss's vector is the mean of its words', of which a frequent one counts little,
a / (a + p(w)), less what all glosses have in common (Arora et al., "A Simple but Tough-to-Beat
Baseline for Sentence Embeddings", ICLR 2017, equation 3). So that two vectors can be added that
point to different things and not both to what all words share, the mean word is taken off before.

Files are told apart by their names: WordNet's data.noun, else lines of a wnid, a tab and the gloss,
as ImageNet's gloss.txt.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from components.shared.artifacts.label_space import unit_norm
from components.shared.artifacts.terms import tokenise
from components.shared.settings.known_wnids import DATABASE_FILE
from components.shared.storage import store
from components.shared.storage.lines import list_lines
from components.shared.synset_vectors import (
    GLOSS,
    Target,
    TermRow,
    Vocabulary,
    synset_text,
)
from components.shared.wnids import is_wnid

FREQUENT = 1e-3
"""The a of Arora et al.: a word of that share of the text counts half."""

Rows = tuple[dict[str, TermRow], dict[str, Target]]
"""Rows of a label space by their text, and the target of each label."""


def read_glosses(uri: str, wanted: Collection[str]) -> dict[str, str]:
    """Read the definitions of synsets, without examples, by wnid.

    Args:
        uri: A path or an address.
        wanted: The wnids whose glosses are kept.

    Raises:
        ValueError: A line is broken or a wnid is there twice, with file and line; or no synset that
            is wanted has a gloss.
    """
    lines: dict[str, int] = {}
    found: dict[str, str] = {}
    for number, wnid, gloss in glosses_in(uri):
        if lines.setdefault(wnid, number) != number:
            raise ValueError(
                f"{store.shown(uri)}, line {number}: {wnid} has a gloss in line {lines[wnid]} "
                "already: leave one out."
            )
        if wnid in wanted:
            found[wnid] = gloss
    if not found:
        raise ValueError(
            f"{store.shown(uri)} has a gloss of none of the hierarchy's synsets: give "
            f"{DATABASE_FILE} of WordNet 3.0, or lines of a wnid, a tab and the gloss."
        )
    return found


def glosses_in(uri: str) -> Iterator[tuple[int, str, str]]:
    """Yield the line's number, the wnid and the definition of each gloss of a file.

    Raises:
        ValueError: A line is broken; file and line are named.
    """
    is_database = uri.rpartition("/")[2] == DATABASE_FILE
    for number, line in list_lines(uri):
        # The licence's lines begin with two spaces.
        if is_database and line.startswith("  "):
            continue
        name, mark, gloss = line.partition(" | " if is_database else "\t")
        wnid = f"n{name[:8]}" if is_database else name.strip()
        if not (mark and is_wnid(wnid)):
            wanted = "an entry of WordNet 3.0" if is_database else "a wnid, a tab and its gloss"
            raise ValueError(f"{store.shown(uri)}, line {number} is not {wanted}: mend it.")
        yield number, wnid, gloss.partition('"')[0].strip(" ;")


def less_common(words: Vocabulary) -> Vocabulary:
    """Take off every vector the mean of those that count; unit norm again."""
    kept = list(words.row_of.values())
    mean = words.vectors[kept].mean(axis=0) if kept else np.float32(0)
    return replace(words, vectors=unit_norm(words.vectors - mean))


def gloss_vectors(glosses: Mapping[str, str], words: Vocabulary) -> dict[str, np.ndarray]:
    """Make the vector of each gloss with a word that has one.

    Args:
        glosses: By wnid.
        words: The terms that have vectors.

    Returns:
        float32 [dim], unit norm, by wnid.
    """
    total = sum(words.counts.values())
    sums = {
        wnid: _weighted(known, words, total)
        for wnid, gloss in glosses.items()
        if (known := [word for word in tokenise(gloss) if word in words.row_of])
    }
    if not sums:
        return {}
    vectors = np.stack(list(sums.values()))
    return dict(zip(sums, unit_norm(vectors - vectors.mean(axis=0)), strict=True))


def _weighted(known: Sequence[str], words: Vocabulary, total: int) -> np.ndarray:
    """The unit vector that a gloss's words add up to, float32 [dim]."""
    shares = np.array([words.counts[word] / total for word in known], dtype=np.float32)
    rows = words.vectors[[words.row_of[word] for word in known]]
    return unit_norm(FREQUENT / (FREQUENT + shares) @ rows)


def with_glosses(
    rows: Rows, labels: Mapping[str, Sequence[str]], told: Mapping[str, np.ndarray], weight: float
) -> Rows:
    """Add to each synset's vector that of its gloss; a synset without one has its gloss's alone.

    Args:
        rows: One row a synset, as `mean_of_terms_rows` makes them.
        labels: The normalised terms of each label.
        told: The vectors of glosses by wnid.
        weight: Of a gloss against 1 for the synset's own vector.
    """
    own, chosen = dict(rows[0]), dict(rows[1])
    for wnid, terms in labels.items():
        if wnid not in told:
            continue
        text = synset_text(terms, wnid)
        row = own.get(text) or TermRow(GLOSS, 0, np.zeros_like(told[wnid]), first_of={wnid})
        own[text] = replace(row, vector=unit_norm(row.vector + weight * told[wnid]))
        chosen[wnid] = Target(text, row.source)
    return own, chosen
