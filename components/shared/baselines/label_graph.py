"""The part of the hierarchy that a graph network works on: labels and what lies above them.

Kampffmeyer et al. ("Rethinking Knowledge Graph Propagation for Zero-Shot Learning", CVPR 2019,
section 3, "dense graph propagation") link every node directly with all its ancestors and all its
descendants, and tell the links apart by their distance; what lies further than K counts as K. Where
the hierarchy's source gives no direction, nodes are linked with their direct neighbours alone, as
in GCNZ (Wang, Ye, Gupta, CVPR 2018), of which two layers see two hops.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from scipy.sparse import csr_array

from components.shared.artifacts.label_space import unit_norm
from components.shared.ranking.hierarchy import breadth_first

Pairs = Iterable[tuple[str, str]]
LAYERS = 2


@dataclass(frozen=True)
class LabelGraph:
    """Nodes and the links between them.

    Attributes:
        nodes: wnids, sorted: the labels and what they are linked with.
        links: int64 [links, 3], node, one above it, and the hops between them; of each node also
            itself, at 0. Without a direction the neighbours are in the place of those above.
        farthest: Hops that the farthest links have.
    """

    nodes: tuple[str, ...]
    links: np.ndarray
    farthest: int

    def rows(self, wnids: Sequence[str]) -> np.ndarray:
        """Return the number of each node: int64 [n]."""
        number = {wnid: node for node, wnid in enumerate(self.nodes)}
        return np.array([number[wnid] for wnid in wnids], dtype=np.int64)

    def above(self) -> list[csr_array]:
        """For 0, 1, ... hops the mean over the nodes so far above: float32 [nodes, nodes] each."""
        return [_mean_over(self, hops, 0, 1) for hops in range(self.farthest + 1)]

    def below(self) -> list[csr_array]:
        """For 0, 1, ... hops the mean over the nodes so far below: float32 [nodes, nodes] each."""
        return [_mean_over(self, hops, 1, 0) for hops in range(self.farthest + 1)]


def graph_above(is_a: Pairs, labels: Iterable[str], farthest: int) -> LabelGraph:
    """Link labels with all that they are, and that with all that lies above it.

    Args:
        is_a: Pairs (parent, child).
        labels: wnids; one outside the hierarchy is a node of its own.
        farthest: What lies further counts as this many hops, at least 1.
    """
    parents: dict[str, list[str]] = {}
    for parent, child in is_a:
        parents.setdefault(child, []).append(parent)
    nodes = {node for shell in _shells(parents, labels) for node in shell}
    return _linked(parents, nodes, None, farthest)


def graph_around(edges: Pairs, labels: Iterable[str]) -> LabelGraph:
    """Link labels, and the nodes within two hops of one, with their direct neighbours.

    Args:
        edges: Pairs of neighbours.
        labels: wnids; one outside the hierarchy is a node of its own.
    """
    near: dict[str, list[str]] = {}
    for a, b in edges:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    around = islice(_shells(near, labels), LAYERS + 1)
    return _linked(near, {node for shell in around for node in shell}, 1, 1)


def node_inputs(graph: LabelGraph, vectors: Mapping[str, np.ndarray], dim: int) -> np.ndarray:
    """Return a vector for every node, unit norm: float32 [nodes, dim].

    A node without a vector gets the mean of its direct neighbours', those that have one or have
    just got one, sweep by sweep from where there are vectors; zero where none leads to it, or where
    those of its neighbours cancel.

    Args:
        graph: The nodes.
        vectors: float32 [dim] of each wnid that has one; others than the nodes' are left aside.
        dim: Dimensions.
    """
    inputs = np.zeros((len(graph.nodes), dim), dtype=np.float32)
    for node, wnid in enumerate(graph.nodes):
        if wnid in vectors:
            inputs[node] = vectors[wnid]
    inputs = unit_norm(inputs)
    near = _neighbours(graph)
    while True:
        known = inputs.any(axis=1)
        inputs[~known] = unit_norm((near @ inputs)[~known])
        if (inputs.any(axis=1) == known).all():
            return inputs


def _shells(near: Mapping[str, Sequence[str]], starts: Iterable[str]) -> Iterator[list[str]]:
    return breadth_first(lambda node: near.get(node, ()), starts)


def _linked(
    near: Mapping[str, Sequence[str]], nodes: set[str], reach: int | None, farthest: int
) -> LabelGraph:
    """Link each node with the nodes that are `reach` hops away, or at any distance."""
    ordered = sorted(nodes)
    number = {wnid: node for node, wnid in enumerate(ordered)}
    steps = None if reach is None else reach + 1
    links = [
        (node, number[other], min(hops, farthest))
        for node, wnid in enumerate(ordered)
        for hops, shell in enumerate(islice(_shells(near, [wnid]), steps))
        for other in shell
        if other in number
    ]
    return LabelGraph(tuple(ordered), np.array(links, dtype=np.int64), farthest)


def _mean_over(graph: LabelGraph, hops: int, of: int, over: int) -> csr_array:
    links = graph.links[graph.links[:, 2] == hops]
    shape = (len(graph.nodes), len(graph.nodes))
    counted = np.bincount(links[:, of], minlength=shape[0])
    shares = (1.0 / counted[links[:, of]]).astype(np.float32)
    return csr_array((shares, (links[:, of], links[:, over])), shape=shape)


def _neighbours(graph: LabelGraph) -> csr_array:
    """Which nodes lie one hop apart: float32 [nodes, nodes]."""
    links = graph.links[graph.links[:, 2] == 1, :2]
    # With a cap of one hop those further above count as neighbours too.
    pairs = np.unique(np.concatenate([links, links[:, ::-1]]), axis=0)
    shape = (len(graph.nodes), len(graph.nodes))
    return csr_array((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), shape=shape)
