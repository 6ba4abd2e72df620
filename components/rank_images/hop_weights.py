"""What lies how near in the hierarchy, as a matrix: exp(-beta hops) between classes and labels."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from components.shared.ranking.hierarchy import Hierarchy

_SEARCHES_TOGETHER = 64


def hop_table(hierarchy: Hierarchy, rows: Sequence[str], columns: Sequence[str]) -> np.ndarray:
    """Return the hops from each label of the rows to each of the columns, float64 [rows, columns].

    It is what `hops_to` says of each pair, for many: infinite where either lies outside the
    hierarchy or no way leads from one to the other, and 0 from a label to itself wherever it lies.
    """
    hops = np.full((len(rows), len(columns)), np.inf)
    inside = [place for place, wnid in enumerate(rows) if wnid in hierarchy.number]
    there = [place for place, wnid in enumerate(columns) if wnid in hierarchy.number]
    nodes = [hierarchy.number[columns[place]] for place in there]
    graph = _graph(hierarchy)
    for start in range(0, len(inside), _SEARCHES_TOGETHER):
        block = inside[start : start + _SEARCHES_TOGETHER]
        starts = [hierarchy.number[rows[place]] for place in block]
        distances = dijkstra(graph, directed=False, unweighted=True, indices=starts)
        hops[np.ix_(block, there)] = distances[:, nodes]
    hops[np.array(rows, dtype=object)[:, None] == np.array(columns, dtype=object)] = 0.0
    return hops


def hop_weights(
    hierarchy: Hierarchy, rows: Sequence[str], columns: Sequence[str], beta: float
) -> np.ndarray:
    """Return exp(-beta hops), 0 where no way leads: float64 [rows, columns].

    Args:
        hierarchy: The graph.
        rows: wnids.
        columns: wnids.
        beta: How fast the weight falls with each hop, at least 0.
    """
    hops = hop_table(hierarchy, rows, columns)
    reached = np.isfinite(hops)
    weights: np.ndarray = np.exp(-beta * np.where(reached, hops, 0.0)) * reached
    return weights


def _graph(hierarchy: Hierarchy) -> csr_array:
    degrees = [len(near) for near in hierarchy.neighbours]
    starts = np.cumsum([0, *degrees])
    ends = np.array([node for near in hierarchy.neighbours for node in near], dtype=np.int64)
    shape = (len(degrees), len(degrees))
    return csr_array((np.ones(len(ends)), ends, starts), shape=shape)
