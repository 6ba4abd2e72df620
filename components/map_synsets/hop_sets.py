"""The paper's zero-shot sets, computed from the hierarchy: 2-hop, 3-hop and all.

Frome et al. 2013, section 4.2, names its sets by how far from the training labels they reach in
the ImageNet hierarchy, and gives their sizes only: 1,589, 7,860 and 20,841. The published lists
(1,549, 7,860 and 20,842 wnids) tell what a hop is there: with the 1K as the seen labels, the
2-hop list is the labels ONE edge away, but for one, and the 3-hop list those at most TWO edges
away, so the first hop is the seen label itself. The released graph's artificial nodes (fall11,
fa11misc) are bridges: without them 1,883 of the 3-hop list are out of reach.

Over the released graph, beside the published lists (measured by a test):

    set      labels   of the list   further ones   of ImageNet's 21K among those
    2-hop     1,646   1,548 of  1,549         98                              0
    3-hop     8,370   7,817 of  7,860        553                              7
    all      31,295  20,813 of 20,842     10,482                              -

The further ones are labels of the hierarchy that have no images in ImageNet, which no hierarchy
tells. Where the run has a list named `all` (all=URI), the hop sets keep only its members, and
then they are the published lists but for 1 and 50 labels (43 lie around `animal`, n00015388, a
neighbour of a training label in the paper's hierarchy and not in the released graph).
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from components.shared.ranking.hierarchy import Hierarchy, shells
from components.shared.settings.zero_shot_sets import ALL

EDGES_AWAY: Mapping[str, int] = {"2-hop": 1, "3-hop": 2}


def hop_set(
    name: str, hierarchy: Hierarchy, seen: Collection[str], labels: Collection[str]
) -> list[str]:
    """Return the members of a computed set, sorted: labels of the hierarchy that are not seen.

    Args:
        name: `2-hop`, `3-hop` or `all`.
        hierarchy: The graph; nodes that are no label are hopped over.
        seen: wnids of the training classes; those outside the hierarchy have no neighbours.
        labels: wnids that may be members: those with terms.
    """
    reached = hierarchy.number if name == ALL else _within(hierarchy, seen, EDGES_AWAY[name])
    return sorted(wnid for wnid in reached if wnid in labels and wnid not in seen)


def _within(hierarchy: Hierarchy, starts: Iterable[str], edges: int) -> set[str]:
    nodes = (hierarchy.number[wnid] for wnid in starts if wnid in hierarchy.number)
    reached = islice(shells(hierarchy, *nodes), edges + 1)
    return {hierarchy.names[node] for shell in reached for node in shell}
