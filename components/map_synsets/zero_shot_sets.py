"""The candidate sets: the seen labels, each zero-shot set, and each of them together.

Paper, section 4.2: DeViSE-0 ranks the unseen labels only, DeViSE+1K unseen and seen together, of
which images of the seen classes are asked too. All members of a set are candidates; images are
those of the members that have test images.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import pandas as pd

from components.map_synsets.hop_sets import hop_set
from components.shared.execution.progress import say
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, outside
from components.shared.settings.zero_shot_sets import (
    ALL,
    PLUS_SEEN,
    SEEN,
    SEEN_AMONG,
    UNSEEN,
    addresses_of,
    read_list,
)


def read_zero_shot_sets(
    specifications: Sequence[str],
    seen: Collection[str],
    unseen: Collection[str],
    known: Collection[str],
    edges: Iterable[tuple[str, str]] = (),
) -> dict[str, list[str]]:
    """Read or compute the members of each zero-shot set.

    Args:
        specifications: `unseen`; `2-hop`, `3-hop` or `all` of the hierarchy (see hop_sets); or
            `name=URI` of a list of wnids, one a line. A list named `all` bounds the hop sets.
        seen: The wnids of the training classes, which no zero-shot set may hold.
        unseen: The wnids of the classes held out of training.
        known: The wnids of the taxonomy.
        edges: The hierarchy's pairs of nodes; read only for a computed set.

    Returns:
        The wnids of each set by its name, sorted.

    Raises:
        ValueError: A name is wrong or given twice, a list is empty, no class of a set has images,
            no seen label is in the hierarchy, or a line of a list is no wnid of the taxonomy,
            stands there twice or is a seen class.
    """
    addresses = addresses_of(specifications)
    sets = {
        name: read_list(uri, set(seen), set(known)) if uri else _held_out(unseen)
        for name, uri in addresses.items()
        if uri or name == UNSEEN
    }
    computed = [name for name in addresses if name not in sets]
    if computed:
        bound = set(sets.get(ALL, known))
        sets |= _computed_sets(computed, build_hierarchy(edges), set(seen), bound)
    _report_images([name for name in addresses if name != UNSEEN], sets, set(unseen))
    return {name: sets[name] for name in addresses}


def candidate_table(seen: Collection[str], sets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Write out every candidate set: columns set, wnid; a row a member, by wnid within a set."""
    members: dict[str, Collection[str]] = {SEEN: seen}
    for name, wnids in sets.items():
        members[name] = wnids
        members[name + PLUS_SEEN] = members[SEEN_AMONG + name] = {*wnids, *seen}
    rows = [(name, wnid) for name, wnids in members.items() for wnid in sorted(wnids)]
    return pd.DataFrame(rows, columns=["set", "wnid"])


def _held_out(unseen: Collection[str]) -> list[str]:
    if not unseen:
        raise ValueError(
            "evaluate_zero_shot_sets has 'unseen', but no class is held out of training; name "
            "some in images_unseen, or take 'unseen' out."
        )
    return sorted(unseen)


def _computed_sets(
    names: Sequence[str], hierarchy: Hierarchy, seen: set[str], labels: set[str]
) -> dict[str, list[str]]:
    lost = outside(hierarchy, seen)
    if len(lost) == len(seen):
        raise ValueError(
            f"evaluate_zero_shot_sets has {names[0]!r}, but no training class is in the "
            "hierarchy; check taxonomy_edges, or give a list."
        )
    if lost:
        say(f"zero-shot sets: {len(lost)} training classes outside the hierarchy: {lost}")
    return {name: hop_set(name, hierarchy, seen, labels) for name in names}


def _report_images(
    names: Sequence[str], sets: Mapping[str, Sequence[str]], unseen: set[str]
) -> None:
    """Refuse a set that no image could be asked of, before anything is trained for it."""
    for name in names:
        with_images = len(unseen.intersection(sets[name]))
        if not with_images:
            raise ValueError(
                f"evaluate_zero_shot_sets: no class of images_unseen is among the "
                f"{len(sets[name]):,} labels of {name!r}, so it has no test image; hold such "
                "classes out, or take it out."
            )
        say(
            f"zero-shot set {name}: {len(sets[name]):,} labels, {with_images:,} of them with images"
        )
