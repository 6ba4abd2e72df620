"""How many hops lie between classes and labels, searched once for all that read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from components.shared.ranking.hierarchy import Hierarchy

_SEARCHES_TOGETHER = 64


@dataclass(frozen=True)
class Hops:
    """The hops from each class to each label.

    It is what `hops_to` says of each pair, for many: infinite where either lies outside the
    hierarchy or no way leads from one to the other, and 0 from a class to itself wherever it lies.

    Attributes:
        classes: wnids.
        labels: wnids, each once, the classes among them.
        table: float32 [classes, labels], exact below 2^24.
    """

    classes: tuple[str, ...]
    labels: tuple[str, ...]
    table: np.ndarray

    def to(self, wnids: Sequence[str]) -> np.ndarray:
        """Return the hops to some of the labels, float64 [classes, wnids]."""
        hops: np.ndarray = self.table[:, [self._place[wnid] for wnid in wnids]].astype(np.float64)
        return hops

    @cached_property
    def _place(self) -> dict[str, int]:
        return {wnid: place for place, wnid in enumerate(self.labels)}


def hops_between(hierarchy: Hierarchy, classes: Sequence[str], wnids: Iterable[str]) -> Hops:
    """Search the hierarchy once from each class.

    Args:
        hierarchy: The graph.
        classes: Where the searches begin.
        wnids: All that the hops are asked to; the classes are taken besides.
    """
    labels = tuple(dict.fromkeys([*classes, *wnids]))
    # What the searches find on the way is left where it is: a table of all nodes may be too large.
    hops = np.full((len(classes), len(labels)), np.inf, dtype=np.float32)
    inside = [place for place, wnid in enumerate(classes) if wnid in hierarchy.number]
    there = [place for place, wnid in enumerate(labels) if wnid in hierarchy.number]
    nodes = [hierarchy.number[labels[place]] for place in there]
    graph = _graph(hierarchy)
    for start in range(0, len(inside), _SEARCHES_TOGETHER):
        block = inside[start : start + _SEARCHES_TOGETHER]
        starts = [hierarchy.number[classes[place]] for place in block]
        distances = dijkstra(graph, directed=False, unweighted=True, indices=starts)
        hops[np.ix_(block, there)] = distances[:, nodes]
    # The labels begin with the classes.
    np.fill_diagonal(hops, 0.0)
    return Hops(tuple(classes), labels, hops)


def _graph(hierarchy: Hierarchy) -> csr_array:
    degrees = [len(near) for near in hierarchy.neighbours]
    starts = np.cumsum([0, *degrees])
    ends = np.array([node for near in hierarchy.neighbours for node in near], dtype=np.int64)
    shape = (len(degrees), len(degrees))
    return csr_array((np.ones(len(ends)), ends, starts), shape=shape)
