"""The hierarchy's branches: a few groups of labels, each under one synset.

The released ImageNet graph is undirected, so its tree is that of a breadth-first search from the
root; with is_a pairs the search goes from parent to child only. Among parents at the same depth
the one with most neighbours is taken: arthropod, not ectoparasite, for the insects.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.shared.ranking.hierarchy import Hierarchy, shells

ROOTS = ("n00001740", "fall11")
"""WordNet's entity and the root of ImageNet's released structure."""

MOST = 9
"""Branches that colours can still tell apart."""

FEWEST = 16
"""A branch holds at least this part of the labels; smaller ones stay with their parent."""


@dataclass(frozen=True)
class Branch:
    """Labels that belong together.

    Attributes:
        node: wnid of the synset they are under; empty for those that fit nowhere.
        labels: Their wnids, in the order given.
        is_rest: Whether larger branches under the same synset were taken out.
    """

    node: str
    labels: tuple[str, ...]
    is_rest: bool


def branches(
    hierarchy: Hierarchy, is_a: Sequence[tuple[str, str]], labels: Sequence[str]
) -> list[Branch]:
    """Cut the tree above the labels into at most `MOST` branches, largest first.

    The largest branch that can be is split into its largest children, again and again; what is
    in no such child stays together as the rest of the parent.

    Args:
        hierarchy: The undirected graph.
        is_a: (parent, child), empty where the source has no direction.
        labels: wnids to be grouped.
    """
    paths = paths_from_root(hierarchy, is_a, labels)
    few = max(2, len(labels) // FEWEST)
    whole, rests = [Branch("", tuple(labels), False)], list[Branch]()
    while whole:
        largest = max(whole, key=lambda branch: (len(branch.labels), branch.node))
        whole.remove(largest)
        # One more branch may come of it than goes: the rest.
        room = MOST - len(whole) - len(rests) - 1
        children = _children(largest, paths, few)[: max(room, 0)]
        if len(children) + room < 2 or not children:
            rests.append(largest)
            continue
        whole += children
        rests += _rest(largest, children)
    return sorted(rests, key=lambda branch: (branch.node == "", -len(branch.labels), branch.node))


def paths_from_root(
    hierarchy: Hierarchy, is_a: Sequence[tuple[str, str]], labels: Iterable[str]
) -> dict[str, list[str]]:
    """Return the synsets from the root down to each label; empty for one outside the tree."""
    above = _tree(hierarchy, is_a)
    paths = {}
    for label in labels:
        path = [label] if label in above else []
        while path and above[path[-1]]:
            path.append(above[path[-1]])
        paths[label] = path[::-1]
    return paths


def _children(branch: Branch, paths: Mapping[str, Sequence[str]], few: int) -> list[Branch]:
    """Return the branches of at least `few` labels one synset further down, largest first."""
    found: dict[str, list[str]] = {}
    for label in branch.labels:
        path = paths[label]
        depth = path.index(branch.node) + 1 if branch.node in path else 0
        if len(path) > depth:
            found.setdefault(path[depth], []).append(label)
    children = [Branch(node, tuple(group), False) for node, group in found.items()]
    large = [child for child in children if len(child.labels) >= few]
    return sorted(large, key=lambda child: (-len(child.labels), child.node))


def _rest(branch: Branch, children: Sequence[Branch]) -> list[Branch]:
    """Return what is in none of the children, as a branch, if there is anything."""
    taken = {label for child in children for label in child.labels}
    left = tuple(label for label in branch.labels if label not in taken)
    return [Branch(branch.node, left, True)] if left else []


def _tree(hierarchy: Hierarchy, is_a: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the synset above each synset, "" above a root."""
    below, roots = _below(hierarchy, is_a)
    above = dict.fromkeys(roots, "")
    layer = list(roots)
    while layer:
        reached: dict[str, str] = {}
        for parent in sorted(layer, key=lambda wnid: (-len(below.get(wnid, ())), wnid)):
            for child in below.get(parent, ()):
                if child not in above:
                    reached.setdefault(child, parent)
        above.update(reached)
        layer = list(reached)
    return above


def _below(
    hierarchy: Hierarchy, is_a: Sequence[tuple[str, str]]
) -> tuple[Mapping[str, Sequence[str]], list[str]]:
    if is_a:
        below: dict[str, list[str]] = {}
        for parent, child in is_a:
            below.setdefault(parent, []).append(child)
        return below, sorted(set(below) - {child for _, child in is_a})
    around = {
        name: [hierarchy.names[node] for node in nodes]
        for name, nodes in zip(hierarchy.names, hierarchy.neighbours, strict=True)
    }
    return around, [_root(hierarchy)] if around else []


def _root(hierarchy: Hierarchy) -> str:
    """Return the known root, else the middle of a longest shortest path."""
    for root in ROOTS:
        if root in hierarchy.number:
            return root
    end = list(shells(hierarchy, 0))[-1][0]
    layers = list(shells(hierarchy, end))
    far = list(shells(hierarchy, layers[-1][0]))
    middle = (len(layers) - 1) // 2
    between = set(layers[middle]) & set(far[len(layers) - 1 - middle])
    return hierarchy.names[min(between)]
