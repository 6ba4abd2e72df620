"""From points of the label space to ranked synsets, exactly (paper, appendix A.2).

The nearest term vectors by cosine are taken once, each is expanded to its candidate synsets,
the first occurrence of a synset counts and the list is cut. Terms of equal cosine are ordered by
their text. Queries are processed in blocks, so that memory stays bounded.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch

from components.shared.artifacts.label_space import LabelSpace, unit_norm

NEAREST_TERMS = 80
LIST_LENGTH = 20
_BLOCK_ELEMENTS = 1 << 24


@dataclass(frozen=True)
class CandidateTerms:
    """The term vectors of one candidate set and the synsets that each expands to.

    Attributes:
        wnids: All candidates, sorted; those without a vector too, which are never ranked.
        terms: The terms with a candidate synset, sorted by text.
        vectors: float32 [terms, dim], unit norm.
        starts: int64 [terms + 1]; term i expands to `synsets[starts[i]:starts[i + 1]]`.
        synsets: int64; positions in `wnids`, in the fixed order within a term.
    """

    wnids: tuple[str, ...]
    terms: tuple[str, ...]
    vectors: np.ndarray
    starts: np.ndarray
    synsets: np.ndarray


def candidate_terms(space: LabelSpace, wnids: Collection[str]) -> CandidateTerms:
    """Restrict the ranking table to the terms that expand to one of `wnids`.

    Raises:
        ValueError: A wnid is no label of the space, or no candidate has a vector.
    """
    unknown = set(wnids) - set(space.labels["wnid"])
    if unknown:
        raise ValueError(f"{min(unknown)} is no label of the label space; run map_synsets with it.")
    table = zip(space.terms["term"], space.vectors, space.terms["wnids"], strict=True)
    return terms_of(list(table), wnids)


def terms_of(
    table: Collection[tuple[str, np.ndarray, Collection[str]]], wnids: Collection[str]
) -> CandidateTerms:
    """Build candidate terms from (term, vector [dim], its synsets in the fixed order).

    Synsets outside `wnids` are dropped, and with them the terms that keep none.

    Raises:
        ValueError: No candidate has a vector.
    """
    position = {wnid: number for number, wnid in enumerate(sorted(set(wnids)))}
    kept = [
        (term, vector, synsets)
        for term, vector, every in sorted(table, key=lambda row: row[0])
        if (synsets := [position[wnid] for wnid in every if wnid in position])
    ]
    if not kept:
        raise ValueError("None of the candidate labels has a vector, so nothing can be ranked.")
    return CandidateTerms(
        wnids=tuple(position),
        terms=tuple(term for term, _, _ in kept),
        vectors=unit_norm(np.stack([vector for _, vector, _ in kept])),
        starts=np.cumsum([0] + [len(synsets) for _, _, synsets in kept]),
        synsets=np.array([number for _, _, synsets in kept for number in synsets]),
    )


def rank_synsets(
    queries: np.ndarray | torch.Tensor,
    candidates: CandidateTerms,
    k: int = LIST_LENGTH,
    nearest: int = NEAREST_TERMS,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Rank the candidate synsets of each query.

    Args:
        queries: [n, dim]; any length, the cosine counts.
        candidates: The terms to rank through.
        k: How many synsets to give at most.
        nearest: How many terms are expanded (N of appendix A.2).
        device: Where the cosines are computed.

    Returns:
        wnids, object [n, k], best first, no repeats, padded with None at the end.
    """
    ranks, _ = rank_positions(queries, candidates, k, nearest, device)
    names = np.array([*candidates.wnids, None], dtype=object)
    ranked: np.ndarray = names[ranks]
    return ranked


def rank_positions(
    queries: np.ndarray | torch.Tensor,
    candidates: CandidateTerms,
    k: int = LIST_LENGTH,
    nearest: int = NEAREST_TERMS,
    device: torch.device | str = "cpu",
) -> tuple[np.ndarray, np.ndarray]:
    """Rank as `rank_synsets` does, with the cosines.

    Returns:
        int64 [n, k], positions in `candidates.wnids`, padded with -1, and float32 [n, k], the
        cosine of the term that reached each of them, padded with NaN.

    Raises:
        ValueError: A query is not finite or of another dimension than the terms.
    """
    points = torch.as_tensor(queries)
    dim = candidates.vectors.shape[1]
    if points.ndim != 2 or points.shape[1] != dim:
        raise ValueError(f"Queries have shape {list(points.shape)}; the terms need [n, {dim}].")
    columns, copy_of = _distinct(candidates.vectors, device)
    block = max(1, _BLOCK_ELEMENTS // len(candidates.vectors))
    ranks = np.empty((len(points), k), dtype=np.int64)
    cosines = np.empty((len(points), k), dtype=np.float32)
    for start in range(0, len(points), block):
        rows = slice(start, start + block)
        scores = _unit(points[rows].to(device)) @ columns.T
        terms, values = _nearest_terms(scores if copy_of is None else scores[:, copy_of], nearest)
        ranks[rows], cosines[rows] = _expand(terms, values, candidates, k)
    return ranks, cosines


def _unit(points: torch.Tensor) -> torch.Tensor:
    """Scale to unit norm in float32, refusing what is not finite."""
    points = points.detach().float()
    if not bool(torch.isfinite(points).all()):
        raise ValueError("A query vector is not finite; look at the model that made it.")
    return torch.nn.functional.normalize(points, dim=1)


def _distinct(
    vectors: np.ndarray, device: torch.device | str
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Give each distinct vector once, and for every term its row there (None: the same rows).

    A matrix product may round two equal columns differently; computed once, they tie exactly.
    """
    found: dict[bytes, int] = {}
    copy_of = [found.setdefault(row.tobytes(), len(found)) for row in vectors]
    if len(found) == len(vectors):
        return torch.from_numpy(vectors).to(device), None
    _, first = np.unique(copy_of, return_index=True)
    return torch.from_numpy(vectors[first]).to(device), torch.tensor(copy_of, device=device)


def _nearest_terms(cosines: torch.Tensor, nearest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of the `nearest` largest of cosines [n, terms] and their values.

    Both [n, nearest], largest first, ties by column.
    """
    if nearest >= cosines.shape[1]:
        values, columns = cosines.sort(dim=1, descending=True, stable=True)
        return columns.cpu().numpy(), values.cpu().numpy()
    values, columns = cosines.topk(nearest + 1, dim=1)
    crossed = values[:, nearest - 1] == values[:, nearest]
    columns, by_column = columns[:, :nearest].sort(dim=1)
    values, order = values.gather(1, by_column).sort(dim=1, descending=True, stable=True)
    columns = columns.gather(1, order)
    if bool(crossed.any()):
        # A tie across the cut: which of the equal columns topk gives is not defined.
        exact = cosines[crossed].sort(dim=1, descending=True, stable=True).indices
        columns[crossed] = exact[:, :nearest]
    return columns.cpu().numpy(), values.cpu().numpy()


def _expand(
    terms: np.ndarray, values: np.ndarray, candidates: CandidateTerms, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """Expand terms [n, nearest] to synsets, keep first occurrences, cut: two arrays [n, k]."""
    lengths = np.diff(candidates.starts)[terms].ravel()
    ends = np.cumsum(lengths)
    slots = np.repeat(np.arange(terms.size), lengths)
    within = np.arange(len(slots)) - (ends - lengths)[slots]
    synsets = candidates.synsets[candidates.starts[terms.ravel()][slots] + within]
    queries = slots // terms.shape[1]
    _, first = np.unique(queries * len(candidates.wnids) + synsets, return_index=True)
    first.sort()
    places = np.arange(len(first)) - np.searchsorted(queries[first], queries[first])
    first, places = first[places < k], places[places < k]
    ranks = np.full((len(terms), k), -1, dtype=np.int64)
    cosines = np.full((len(terms), k), np.nan, dtype=np.float32)
    ranks[queries[first], places] = synsets[first]
    cosines[queries[first], places] = values.ravel()[slots[first]]
    return ranks, cosines
