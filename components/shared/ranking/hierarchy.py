"""Hops between synsets and the sets of semantically correct labels, hCorrectSet.

Frome et al. 2013, appendix A.3: a prediction counts as semantically right when it lies near the
true label in the ImageNet hierarchy, where near widens with k. Hops are undirected. Nodes that
are no valid label are hopped over.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Node = TypeVar("Node", int, str)


@dataclass(frozen=True)
class Hierarchy:
    """An undirected graph of synsets with integer nodes.

    Attributes:
        number: The node of each wnid.
        names: The wnid of each node.
        neighbours: The adjacent nodes of each node, ascending.
    """

    number: Mapping[str, int]
    names: Sequence[str]
    neighbours: Sequence[Sequence[int]]


@dataclass(frozen=True)
class CorrectSets:
    """The nested sets hCorrectSet(label, k) of one true label, for several k.

    Attributes:
        hops: For every valid label within the widest set its hops from the true label.
        radius: For each k the hops at which its set ends.
    """

    hops: Mapping[str, int]
    radius: Mapping[int, int]

    def members(self, k: int) -> frozenset[str]:
        """Return hCorrectSet(label, k), the true label included."""
        return frozenset(wnid for wnid, hops in self.hops.items() if hops <= self.radius[k])

    def size(self, k: int) -> int:
        """Return the number of members of hCorrectSet(label, k)."""
        return sum(hops <= self.radius[k] for hops in self.hops.values())


def build_hierarchy(edges: Iterable[tuple[str, str]]) -> Hierarchy:
    """Number the nodes of a list of edges; direction and repetition do not matter."""
    adjacent: dict[str, set[str]] = {}
    for a, b in edges:
        adjacent.setdefault(a, set()).add(b)
        adjacent.setdefault(b, set()).add(a)
    names = sorted(adjacent)
    number = {wnid: node for node, wnid in enumerate(names)}
    neighbours = [sorted(number[wnid] for wnid in adjacent[name]) for name in names]
    return Hierarchy(number, names, neighbours)


def breadth_first(
    near: Callable[[Node], Iterable[Node]], starts: Iterable[Node]
) -> Iterator[list[Node]]:
    """Yield the nodes at 0, 1, 2, ... steps from the starts, each shell sorted, while any is new.

    Args:
        near: The nodes that one step leads to.
        starts: Where the search begins.
    """
    reached = set(starts)
    shell = sorted(reached)
    while shell:
        yield shell
        beyond: set[Node] = set()
        for node in shell:
            beyond.update(near(node))
        beyond -= reached
        reached |= beyond
        shell = sorted(beyond)


def shells(hierarchy: Hierarchy, *starts: int) -> Iterator[list[int]]:
    """Yield the nodes at 0, 1, 2, ... hops from the nearest start, until a shell is empty."""
    return breadth_first(hierarchy.neighbours.__getitem__, starts)


def correct_sets(
    hierarchy: Hierarchy, truth: str, valid: Collection[str], ks: Iterable[int]
) -> CorrectSets:
    """Return hCorrectSet(truth, k) for every k (A.3), from one search for the largest.

    Shell by shell, all valid labels at R hops join while the set has fewer than k members; it
    ends early where a shell has no new node. The true label is always a member, even where it is
    not in the hierarchy.

    Args:
        hierarchy: The graph.
        truth: The true label.
        valid: Labels that may be members; a set or a mapping, as it is asked for every node met.
        ks: The sizes asked for, each at least 1.
    """
    found = {truth: 0}
    radius: dict[int, int] = {}
    waiting = sorted(set(ks), reverse=True)
    for hops, shell in enumerate(_shells_of(hierarchy, truth)):
        for node in shell:
            wnid = hierarchy.names[node]
            if wnid in valid:
                found.setdefault(wnid, hops)
        while waiting and len(found) >= waiting[-1]:
            radius[waiting.pop()] = hops
        if not waiting:
            break
    widest = max(found.values())
    return CorrectSets(found, radius | dict.fromkeys(waiting, widest))


def _shells_of(hierarchy: Hierarchy, truth: str) -> Iterator[list[int]]:
    """Yield the shells around a label; for one outside the hierarchy only an empty first one."""
    node = hierarchy.number.get(truth)
    return iter([[]]) if node is None else shells(hierarchy, node)


def correct_sets_of(
    hierarchy: Hierarchy, truths: Iterable[str], valid: Iterable[str], ks: Sequence[int]
) -> dict[str, CorrectSets]:
    """Return the `correct_sets` of every distinct true label."""
    labels = frozenset(valid)
    return {truth: correct_sets(hierarchy, truth, labels, ks) for truth in sorted(set(truths))}


def mean_sizes(correct: Mapping[str, CorrectSets], ks: Sequence[int]) -> dict[int, float]:
    """Return the mean size of hCorrectSet over the true labels for each k, as A.3 tabulates it."""
    if not correct:
        raise ValueError("The mean size of hCorrectSet needs at least one true label: give one.")
    return {k: sum(sets.size(k) for sets in correct.values()) / len(correct) for k in ks}


def outside(hierarchy: Hierarchy, wnids: Iterable[str]) -> list[str]:
    """Return the labels that are not in the hierarchy, sorted, so that they can be reported."""
    return sorted(wnid for wnid in set(wnids) if wnid not in hierarchy.number)


def hops_to(hierarchy: Hierarchy, truth: str, labels: Iterable[str]) -> dict[str, int]:
    """Return the hops from a true label to each label that can be reached from it.

    Labels outside the hierarchy, or in another part of it, are absent; the label itself is at 0
    hops wherever it lies.
    """
    hops = {truth: 0}
    missing = {hierarchy.number[label] for label in labels if label in hierarchy.number}
    for distance, shell in enumerate(_shells_of(hierarchy, truth)):
        met = missing.intersection(shell)
        hops.update((hierarchy.names[node], distance) for node in sorted(met))
        missing -= met
        if not missing:
            break
    return hops
