"""The names of candidate sets, and what evaluate_zero_shot_sets says of them.

It is read before a run starts and by map_synsets, with the same code: what the stage would refuse
after hours is refused within seconds.
"""

import re
from collections.abc import Collection, Sequence

from components.shared.storage import store
from components.shared.storage.lines import list_lines

SEEN, UNSEEN = "seen", "unseen"
PLUS_SEEN = "_plus_seen"
SEEN_AMONG = "seen_among_"
ALL = "all"
COMPUTED = ("2-hop", "3-hop", ALL)
"""The sets of the hierarchy, which need no list."""

_NAME = re.compile(r"[a-z0-9_-]+")


def addresses_of(specifications: Sequence[str]) -> dict[str, str]:
    """Return the address of each set's list by its name; empty where the set has none.

    Args:
        specifications: `unseen`; `2-hop`, `3-hop` or `all` of the hierarchy; or `name=URI` of a
            list of wnids, one a line.

    Raises:
        ValueError: A name is wrong, taken or given twice, or has no list.
    """
    addresses: dict[str, str] = {}
    for specification in specifications:
        name, separator, uri = specification.partition("=")
        _check_name(name, addresses)
        if not separator and name not in (UNSEEN, *COMPUTED):
            raise ValueError(
                f"evaluate_zero_shot_sets: {name!r} has no list of wnids; write {name}=URI, "
                f"'unseen' for the classes of images_unseen, or one of {', '.join(COMPUTED)}."
            )
        if separator and not uri:
            raise ValueError(f"evaluate_zero_shot_sets: {name!r} has no address after '='.")
        addresses[name] = uri
    return addresses


def read_list(uri: str, seen: Collection[str], known: Collection[str]) -> list[str]:
    """Read the wnids of a set, one a line; return them sorted.

    Args:
        uri: The list's address.
        seen: The wnids of the training classes, which no zero-shot set may hold.
        known: The wnids of the taxonomy.

    Raises:
        ValueError: The list is not there or empty, or a line is no wnid of the taxonomy, stands
            there twice or is a seen class; file and line are named.
    """
    wnids: set[str] = set()
    for number, line in list_lines(uri):
        if wnid := line.strip():
            _check_member(wnid, f"{store.shown(uri)}, line {number}", seen, known, wnids)
            wnids.add(wnid)
    if not wnids:
        raise ValueError(f"{store.shown(uri)} names no wnid; a zero-shot set needs one a line.")
    return sorted(wnids)


def _check_name(name: str, taken_names: Collection[str]) -> None:
    parameter = "evaluate_zero_shot_sets"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{parameter}: the set name {name!r} must match [a-z0-9_-]+.")
    if name == SEEN:
        raise ValueError(f"{parameter}: the name 'seen' is taken by the training classes.")
    if name.startswith(SEEN_AMONG.removesuffix("_")):
        raise ValueError(
            f"{parameter}: the set name {name!r} begins as the training classes among a set's "
            "labels are called; give another."
        )
    taken = {full for other in taken_names for full in (other, other + PLUS_SEEN)}
    if {name, name + PLUS_SEEN} & taken or name == SEEN + PLUS_SEEN:
        raise ValueError(f"{parameter}: the set name {name!r} is taken already; give another.")


def _check_member(
    wnid: str, place: str, seen: Collection[str], known: Collection[str], above: set[str]
) -> None:
    if wnid not in known:
        raise ValueError(f"{place}: {wnid} is not in the taxonomy; correct or remove the line.")
    if wnid in seen:
        raise ValueError(f"{place}: {wnid} is a seen class; add it to images_unseen or remove it.")
    if wnid in above:
        raise ValueError(f"{place}: {wnid} stands there twice; remove one.")
