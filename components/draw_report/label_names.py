"""What labels are called: by their first term, and where two share it, by what tells them apart."""

from collections import Counter
from collections.abc import Mapping, Sequence


def display_names(
    terms: Mapping[str, Sequence[str]],
    above: Mapping[str, Sequence[str]],
    every_term: Mapping[str, str],
) -> dict[str, str]:
    """Return a name for each label, no two the same: "crane (bird)" and "crane (machine)".

    What is added is a further term of the label, else the first term of a synset above it, the
    nearest first, that no other label of the same first term has; only where there is neither is
    it the wnid.

    Args:
        terms: The terms of each label, by wnid.
        above: The synsets from the root down to each label, itself the last.
        every_term: The first term of every synset of the hierarchy.
    """
    sharing: dict[str, list[str]] = {}
    for wnid, names in terms.items():
        sharing.setdefault(names[0], []).append(wnid)
    additions = {wnid: _additions(wnid, terms, above, every_term) for wnid in terms}
    called = {
        wnid: first if len(group) == 1 else f"{first} ({_own(wnid, group, additions)})"
        for first, group in sharing.items()
        for wnid in group
    }
    return _all_different({wnid: called[wnid] for wnid in terms})


def _additions(
    wnid: str,
    terms: Mapping[str, Sequence[str]],
    above: Mapping[str, Sequence[str]],
    every_term: Mapping[str, str],
) -> list[str]:
    """Return what could tell a label apart, the best first."""
    first, *further = terms[wnid]
    nodes = reversed(above.get(wnid, ())[:-1])
    parents = [every_term[node] for node in nodes if node in every_term]
    return [text for text in dict.fromkeys([*further, *parents]) if text != first]


def _own(wnid: str, group: Sequence[str], additions: Mapping[str, Sequence[str]]) -> str:
    """Return the first addition that is this label's alone, else the wnid."""
    others = {text for other in group if other != wnid for text in additions[other]}
    return next((text for text in additions[wnid] if text not in others), wnid)


def _all_different(names: Mapping[str, str]) -> dict[str, str]:
    """Add the wnid where a label's only term reads like another's name with its addition."""
    times = Counter(names.values())
    return {wnid: name if times[name] == 1 else f"{name} [{wnid}]" for wnid, name in names.items()}
