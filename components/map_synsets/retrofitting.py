"""Label vectors that also know their neighbours in the hierarchy.

Retrofitting (Faruqui et al., "Retrofitting Word Vectors to Semantic Lexicons", NAACL 2015, eq. 1)
draws every synset's vector towards those of its neighbours while it stays near its own:

    q_i = (own_i + weight * mean of q_j over i's neighbours) / (1 + weight)

and a synset whose terms have no vector is the mean of its neighbours. Ten sweeps, as there. All
synsets of the hierarchy that have terms take part, labels or not.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from components.shared.artifacts.label_space import unit_norm
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.synset_vectors import (
    NEIGHBOURS,
    Target,
    TermRow,
    normalised,
    synset_text,
    target_vectors,
)

SWEEPS = 10

RowsOf = Callable[[Mapping[str, Sequence[str]]], tuple[dict[str, TermRow], dict[str, Target]]]
"""Makes one row a synset of the normalised terms of each: `mean_of_terms_rows`, or a file's."""


def retrofitted_rows(
    labels: Mapping[str, Sequence[str]],
    rows_of: RowsOf,
    dim: int,
    taxonomy: Taxonomy,
    weight: float,
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    """Make one row a synset, as `rows_of` does, with retrofitted vectors.

    Args:
        labels: The normalised terms of each label.
        rows_of: Makes the rows of synsets, labels or not, as they are before.
        dim: Dimensions of the vectors.
        taxonomy: The synsets around the labels and the hierarchy.
        weight: Of the neighbours, against 1 for the synset's own vector.
    """
    wnids = sorted({wnid for edge in taxonomy.edges for wnid in edge}.union(labels))
    terms = {wnid: normalised(taxonomy.terms[wnid]) for wnid in wnids if wnid in taxonomy.terms}
    own_rows, own = rows_of(terms)
    fitted = retrofitted(target_vectors(own_rows, own), list(terms), taxonomy.edges, weight, dim)
    rows: dict[str, TermRow] = {}
    chosen: dict[str, Target] = {}
    for wnid in labels:
        if not fitted[wnid].any():
            chosen[wnid] = own[wnid]
            continue
        row = own_rows.get(own[wnid].term) or TermRow(NEIGHBOURS, 0, fitted[wnid])
        text = own[wnid].term or synset_text(terms[wnid], wnid)
        rows[text] = TermRow(row.source, row.count, fitted[wnid], first_of={wnid})
        chosen[wnid] = Target(text, row.source)
    return rows, chosen


def retrofitted(
    own: Mapping[str, np.ndarray],
    wnids: Sequence[str],
    edges: Sequence[tuple[str, str]],
    weight: float,
    dim: int,
) -> dict[str, np.ndarray]:
    """Sweep over the graph: float32 [dim] of unit norm for each synset, zero where nothing leads.

    Args:
        own: float32 [dim], unit norm, of each synset that has a vector.
        wnids: All synsets that take part.
        edges: Pairs of neighbours; those with others than `wnids` are left out.
        weight: Of the neighbours, against 1 for the synset's own vector.
        dim: Dimensions of the vectors.
    """
    number = {wnid: node for node, wnid in enumerate(wnids)}
    between = [(number[a], number[b]) for a, b in edges if a in number and b in number]
    pairs = np.array([*between, *((b, a) for a, b in between)], dtype=np.int64).reshape(-1, 2)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    nodes, starts, degrees = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    vectors = np.zeros((len(wnids), dim), dtype=np.float32)
    for wnid, vector in own.items():
        vectors[number[wnid]] = vector
    first, pull = vectors.copy(), np.zeros_like(vectors)
    has_own = vectors.any(axis=1, keepdims=True)
    for _ in range(SWEEPS if len(pairs) else 0):
        pull[nodes] = np.add.reduceat(vectors[pairs[:, 1]], starts) / degrees[:, None]
        vectors = np.where(has_own, (first + weight * pull) / (1 + weight), pull)
    return dict(zip(wnids, unit_norm(vectors), strict=True))
