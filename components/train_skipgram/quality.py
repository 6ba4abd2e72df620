"""How much meaning the vectors have: against people's judgements, the hierarchy, and the paper.

WordSim-353 (Finkelstein et al. 2002; relatedness) and SimLex-999 (Hill et al. 2015; similarity)
come with gensim. Correlations are Spearman's, over the pairs of which both words have a vector, and
over fewer than 50 pairs there is none.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import gensim
import numpy as np
from scipy.stats import spearmanr

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.artifacts.terms import JOINER, normalise_term
from components.shared.artifacts.word_quality import FEWEST_PAIRS
from components.shared.ranking.hierarchy import Hierarchy, breadth_first, build_hierarchy, hops_to
from components.train_skipgram.neighbours import nearest_terms

JUDGEMENTS = {"wordsim_353": "wordsim353.tsv", "simlex_999": "simlex999.txt"}
SOURCES, TARGETS = 100, 100
"""Synsets from which distances are taken, and synsets to which, for each of them."""

PAPER_NEIGHBOURS = {
    "tiger shark": (
        *("bull shark", "blacktip shark", "shark", "oceanic whitetip shark", "sandbar shark"),
        *("dusky shark", "blue shark", "requiem shark", "great white shark"),
    ),
    "car": (
        *("cars", "muscle car", "sports car", "compact car", "automobile", "racing car"),
        *("pickup truck", "dealership", "sedans"),
    ),
}
"""Table in section 4.1 of the paper."""

SHARK_PROBE, SHARK = "tiger shark", "shark"


@dataclass(frozen=True)
class UnitVectors:
    """Vectors of unit length, by term.

    Attributes:
        row_of: The row of each term.
        rows: float32 [terms, dim].
    """

    row_of: Mapping[str, int]
    rows: np.ndarray

    def cosine(self, one: str, other: str) -> float:
        """Return the cosine of two terms that have a vector."""
        return float(self.rows[self.row_of[one]] @ self.rows[self.row_of[other]])


def unit_vectors(terms: Sequence[str], vectors: np.ndarray) -> UnitVectors:
    """Normalise the vectors [terms, dim] of these terms; a zero vector stays one."""
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), np.finfo(np.float32).tiny)
    return UnitVectors({term: row for row, term in enumerate(terms)}, vectors / lengths[:, None])


def read_judgements(path: Path) -> list[tuple[str, str, float]]:
    """Read a test collection: lines of word, word and score; a `#` begins a remark."""
    lines = path.read_text(encoding="utf-8").splitlines()
    fields = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return [(normalise_term(a), normalise_term(b), float(score)) for a, b, score, *_ in fields]


def agreement(vectors: UnitVectors, pairs: Sequence[tuple[str, str, float]]) -> dict[str, Any]:
    """Correlate cosines with people's judgements.

    Args:
        vectors: The vectors to judge.
        pairs: Two normalised words and their score.

    Returns:
        `spearman` (None with fewer than 50 pairs to tell), `pairs`, and `covered`: the share of
        them of which both words have a vector.
    """
    known = [pair for pair in pairs if pair[0] in vectors.row_of and pair[1] in vectors.row_of]
    cosines = [vectors.cosine(one, other) for one, other, _ in known]
    correlation = _spearman(cosines, [score for _, _, score in known])
    return {"spearman": correlation, "pairs": len(pairs), "covered": len(known) / len(pairs)}


def _spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    if len(one) < FEWEST_PAIRS or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    return round(float(spearmanr(one, other).statistic), 4)


def hierarchy_agreement(
    vectors: UnitVectors, targets: Mapping[str, str], hierarchy: Hierarchy, seed: int
) -> dict[str, Any]:
    """Correlate cosines with the hops between synsets; meaning is in vectors where it is negative.

    The pairs are drawn: 100 synsets, and 100 others for each, which costs 100 searches of the
    graph. Pairs with one term for both, or without a way between them, are left out.

    Args:
        vectors: The vectors to judge.
        targets: The term of each synset that is in the hierarchy and has a vector.
        hierarchy: The graph.
        seed: Of the draw.

    Returns:
        `spearman` (None with fewer than 50 pairs), `pairs`, and `cosine_by_hops`: means.
    """
    wnids = sorted(targets)
    draw = np.random.default_rng(seed)
    by_hops: dict[int, list[float]] = defaultdict(list)
    for source in draw.permutation(len(wnids))[:SOURCES]:
        others = {wnids[other] for other in draw.permutation(len(wnids))[:TARGETS]}
        for other, hops in sorted(hops_to(hierarchy, wnids[source], others).items()):
            one, two = targets[wnids[source]], targets[other]
            if one != two:
                by_hops[hops].append(vectors.cosine(one, two))
    return _correlation_with_hops(by_hops)


def _correlation_with_hops(by_hops: Mapping[int, Sequence[float]]) -> dict[str, Any]:
    hops = [float(distance) for distance, cosines in by_hops.items() for _ in cosines]
    cosines = [cosine for found in by_hops.values() for cosine in found]
    means = {str(d): round(float(np.mean(by_hops[d])), 4) for d in sorted(by_hops)}
    return {"spearman": _spearman(cosines, hops), "pairs": len(hops), "cosine_by_hops": means}


def first_known_terms(
    labels: Taxonomy, hierarchy: Hierarchy, counts: Mapping[str, int], minimum_count: int
) -> dict[str, str]:
    """Return the first term of each synset of the hierarchy that occurs often enough."""
    found = {}
    for wnid, names in labels.terms.items():
        terms = (normalise_term(name) for name in names) if wnid in hierarchy.number else ()
        term = next((term for term in terms if counts.get(term, 0) >= minimum_count), None)
        if term is not None:
            found[wnid] = term
    return found


def sharks(labels: Taxonomy, is_a: Collection[tuple[str, str]]) -> set[str]:
    """Return the terms of all synsets below the shark that is above "tiger shark".

    Args:
        labels: The taxonomy.
        is_a: (parent, child) where the hierarchy has a direction; else empty, as is the result.
    """
    named = {
        word: {w for w, names in labels.terms.items() if word in map(normalise_term, names)}
        for word in (normalise_term(SHARK_PROBE), SHARK)
    }
    children = defaultdict(set)
    for parent, child in is_a:
        children[parent].add(child)
    families = (
        set(chain.from_iterable(breadth_first(children.__getitem__, [shark])))
        for shark in named[SHARK]
    )
    kinds = {
        w for family in families if family & named[normalise_term(SHARK_PROBE)] for w in family
    }
    return {normalise_term(name) for wnid in kinds for name in labels.terms.get(wnid, ())}


def share_of_sharks(neighbours: Sequence[str], kinds: Collection[str]) -> float:
    """Return the share of terms that have the word shark or sharks, or are a kind of shark."""
    words = {SHARK, SHARK + "s"}
    return sum(bool(words & set(t.split(JOINER))) or t in kinds for t in neighbours) / len(
        neighbours
    )


def neighbours_beside_the_paper(
    vocabulary: Mapping[str, int], vectors: np.ndarray, kinds: Collection[str]
) -> dict[str, Any]:
    """Return the nearest nine of the paper's two probe terms, none where one has no vector.

    Args:
        vocabulary: Counts of the terms, in the order of the rows.
        vectors: float32 [terms, dim].
        kinds: Terms of sharks.

    Returns:
        By probe: `count`, `here` and their `counts`, `paper`; of the shark `share_of_sharks`.
    """
    found: dict[str, Any] = {}
    for probe, paper in PAPER_NEIGHBOURS.items():
        term = normalise_term(probe)
        near = _names_near(term, list(vocabulary), vectors)
        counts = [vocabulary[name] for name in near]
        found[probe] = {"count": vocabulary.get(term, 0), "here": near, "counts": counts}
        found[probe]["paper"] = list(paper)
        if probe == SHARK_PROBE and near:
            found[probe]["share_of_sharks"] = round(share_of_sharks(near, kinds), 4)
    return found


def _names_near(term: str, terms: Sequence[str], vectors: np.ndarray) -> list[str]:
    return [name for name, _ in nearest_terms(term, terms, vectors)] if term in terms else []


def measure_quality(
    vocabulary: Mapping[str, int],
    vectors: np.ndarray,
    labels: Taxonomy,
    is_a: Collection[tuple[str, str]],
    minimum_count: int,
    seed: int,
) -> dict[str, Any]:
    """Measure everything that tells whether the vectors have meaning.

    Args:
        vocabulary: Counts of the terms, in the order of the rows.
        vectors: float32 [terms, dim].
        labels: The taxonomy.
        is_a: (parent, child) where the hierarchy has a direction; else empty.
        minimum_count: Rarer terms take no part in the correlation with the hierarchy.
        seed: Of the pairs of synsets drawn.

    Returns:
        `wordsim_353`, `simlex_999`, `hierarchy`, and `neighbours`.
    """
    terms = list(vocabulary)
    unit = unit_vectors(terms, vectors)
    collections = Path(gensim.__file__).parent / "test" / "test_data"
    hierarchy = build_hierarchy(labels.edges)
    targets = first_known_terms(labels, hierarchy, vocabulary, minimum_count)
    return {
        **{
            name: agreement(unit, read_judgements(collections / file))
            for name, file in JUDGEMENTS.items()
        },
        "hierarchy": hierarchy_agreement(unit, targets, hierarchy, seed),
        "neighbours": neighbours_beside_the_paper(vocabulary, vectors, sharks(labels, is_a)),
    }


def quality_metrics(quality: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures of `measure_quality` by the names under which they are logged."""
    found = {}
    for name in (*JUDGEMENTS, "hierarchy"):
        if quality[name]["spearman"] is not None:
            found[f"{name}_spearman"] = float(quality[name]["spearman"])
    for name in JUDGEMENTS:
        found[f"{name}_covered"] = float(quality[name]["covered"])
    share = quality["neighbours"][SHARK_PROBE].get("share_of_sharks")
    return found | ({} if share is None else {"tiger_shark_share_of_sharks": float(share)})
