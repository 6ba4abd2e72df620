"""From points of the label space to ranked synsets, exactly (paper, appendix A.2).

The nearest term vectors by cosine are taken once, each is expanded to its candidate synsets,
the first occurrence of a synset counts and the list is cut. Terms of equal cosine are ordered by
their text. All of it happens where the queries' cosines are computed, in blocks of queries, so that
memory stays bounded.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from components.shared.artifacts.label_space import LabelSpace, unit_norm
from components.shared.ranking.expansion import Lists, cut, first_occurrences, laid_out, lists_on
from components.shared.ranking.largest import largest

NEAREST_TERMS = 80
LIST_LENGTH = 20
_BLOCK_BYTES = 1 << 27
"""What a block of queries may take on a CPU."""
_NO_TERM = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class PreparedTerms:
    """Candidate terms on a device.

    Attributes:
        vectors: float32 [vectors, dim], each vector once, in the order of their first terms.
        terms: The terms that have each vector, ascending; None: one each, of its number.
        synsets: What each term expands to.
    """

    vectors: Tensor
    terms: Lists | None
    synsets: Lists


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
    _on: dict[str, PreparedTerms] = field(default_factory=dict, init=False, repr=False)

    def on(self, device: torch.device | str) -> PreparedTerms:
        """Return what ranking on this device needs; prepared once, then kept."""
        name = str(device)
        if name not in self._on:
            self._on[name] = _prepared(self, device)
        return self._on[name]


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
    prepared = candidates.on(device)
    ranks = np.empty((len(points), k), dtype=np.int64)
    cosines = np.empty((len(points), k), dtype=np.float32)
    block = _block_rows(prepared, nearest)
    for start in range(0, len(points), block):
        rows = slice(start, start + block)
        ranked = _ranked(points[rows].to(device), prepared, k, nearest).cpu().numpy()
        if not ranked[:, 2 * k].all():
            raise ValueError("A query vector is not finite; look at the model that made it.")
        ranks[rows], cosines[rows] = ranked[:, :k], ranked[:, k : 2 * k].view(np.float32)
    return ranks, cosines


def _ranked(points: Tensor, prepared: PreparedTerms, k: int, nearest: int) -> Tensor:
    """Rank for points [n, dim] on their device: int32 [n, 2 k + 1].

    Positions, the bits of the cosines, and whether the point is finite: one tensor, so that the
    host waits for one copy.
    """
    points = points.detach().float()
    finite = torch.isfinite(points).all(dim=1, keepdim=True)
    unit = torch.nn.functional.normalize(points.masked_fill(~finite, 0.0), dim=1)
    values, columns = largest(unit @ prepared.vectors.T, nearest)
    if prepared.terms is not None:
        values, columns = _terms_of_vectors(values, columns, prepared.terms, nearest)
    synsets, slots, there = laid_out(prepared.synsets, columns)
    kept = first_occurrences(synsets, there)
    positions, cosines = cut(kept, k, [(synsets, -1), (values.gather(1, slots), math.nan)])
    return torch.cat([positions.int(), cosines.view(torch.int32), finite.int()], dim=1)


def _terms_of_vectors(
    values: Tensor, vectors: Tensor, terms: Lists, nearest: int
) -> tuple[Tensor, Tensor]:
    """Expand the nearest vectors to their terms, in the order of the terms where cosines tie."""
    found, slots, there = laid_out(terms, vectors)
    cosines = values.gather(1, slots).masked_fill(~there, -math.inf)
    by_term = found.masked_fill(~there, _NO_TERM).sort(dim=1, stable=True)
    cosines, order = cosines.gather(1, by_term.indices).sort(dim=1, descending=True, stable=True)
    chosen = min(nearest, len(terms.items))
    return cosines[:, :chosen], by_term.values.gather(1, order)[:, :chosen]


def _block_rows(prepared: PreparedTerms, nearest: int) -> int:
    """Queries that are ranked at once: what they take fits into half of what is free."""
    width = prepared.synsets.widest(nearest) + (
        prepared.terms.widest(nearest) if prepared.terms else 0
    )
    bytes_of_a_row = 8 * len(prepared.vectors) + 64 * width
    return max(1, _room(prepared.vectors.device) // bytes_of_a_row)


def _room(device: torch.device) -> int:
    """Bytes that a block may take."""
    if device.type != "cuda":
        return _BLOCK_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return (free + held) // 2


def distinct_rows(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Give the rows that differ, each once, and for every row its place there; None: all differ.

    A matrix product may round two equal columns differently; computed once, they tie exactly.

    Args:
        vectors: float32 [rows, dim].
    """
    found: dict[bytes, int] = {}
    copy_of = [found.setdefault(row.tobytes(), len(found)) for row in vectors]
    if len(found) == len(vectors):
        return None
    places = np.array(copy_of)
    _, first = np.unique(places, return_index=True)
    return vectors[first], places


def _prepared(candidates: CandidateTerms, device: torch.device | str) -> PreparedTerms:
    synsets = lists_on(device, candidates.starts, candidates.synsets)
    distinct = distinct_rows(candidates.vectors)
    if distinct is None:
        return PreparedTerms(torch.from_numpy(candidates.vectors).to(device), None, synsets)
    vectors, places = distinct
    starts = np.cumsum([0, *np.bincount(places, minlength=len(vectors))])
    terms = lists_on(device, starts, np.argsort(places, kind="stable"))
    return PreparedTerms(torch.from_numpy(vectors).to(device), terms, synsets)
