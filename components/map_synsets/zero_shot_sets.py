"""The candidate sets: the seen labels, each zero-shot set, and each of them together.

Paper, section 4.2: DeViSE-0 ranks the unseen labels only, DeViSE+1K unseen and seen together.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from components.shared.storage import open_read

SEEN = "seen"
UNSEEN = "unseen"
PLUS_SEEN = "_plus_seen"
_NAME = re.compile(r"[a-z0-9_-]+")


def read_zero_shot_sets(
    specifications: Sequence[str],
    seen: Collection[str],
    unseen: Collection[str],
    known: Collection[str],
) -> dict[str, list[str]]:
    """Read the members of each zero-shot set.

    Args:
        specifications: `unseen`, or `name=URI` of a list of wnids, one a line.
        seen: The wnids of the training classes, which no zero-shot set may hold.
        unseen: The wnids of the classes held out of training.
        known: The wnids of the taxonomy.

    Returns:
        The wnids of each set by its name, sorted.

    Raises:
        ValueError: A name is wrong or given twice, a set is empty, or a line of a list is no
            wnid of the taxonomy, stands there twice or is a seen class.
    """
    sets: dict[str, list[str]] = {}
    for specification in specifications:
        name, separator, uri = specification.partition("=")
        _check_name(name, sets)
        if separator:
            sets[name] = _read_list(uri, set(seen), set(known))
        else:
            sets[name] = _held_out(name, unseen)
    return sets


def candidate_table(seen: Collection[str], sets: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Write out every candidate set: columns set, wnid; a row a member, by wnid within a set."""
    members: dict[str, Collection[str]] = {SEEN: seen}
    for name, wnids in sets.items():
        members[name] = wnids
        members[name + PLUS_SEEN] = {*wnids, *seen}
    rows = [(name, wnid) for name, wnids in members.items() for wnid in sorted(wnids)]
    return pd.DataFrame(rows, columns=["set", "wnid"])


def _check_name(name: str, sets: Mapping[str, Sequence[str]]) -> None:
    parameter = "evaluate_zero_shot_sets"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{parameter}: the set name {name!r} must match [a-z0-9_-]+.")
    if name == SEEN:
        raise ValueError(f"{parameter}: the name 'seen' is taken by the training classes.")
    taken = {full for other in sets for full in (other, other + PLUS_SEEN)}
    if {name, name + PLUS_SEEN} & taken or name == SEEN + PLUS_SEEN:
        raise ValueError(f"{parameter}: the set name {name!r} is taken already; give another.")


def _held_out(name: str, unseen: Collection[str]) -> list[str]:
    if name != UNSEEN:
        raise ValueError(
            f"evaluate_zero_shot_sets: {name!r} has no list of wnids; write {name}=URI, or 'unseen'"
            " for the classes of images_unseen."
        )
    if not unseen:
        raise ValueError(
            "evaluate_zero_shot_sets has 'unseen', but no class is held out of training; name "
            "some in images_unseen, or take 'unseen' out."
        )
    return sorted(unseen)


def _read_list(uri: str, seen: set[str], known: set[str]) -> list[str]:
    wnids: set[str] = set()
    with open_read(uri) as file:
        for number, line in enumerate(file, start=1):
            if wnid := line.decode("utf-8").strip():
                _check_member(wnid, f"{uri}, line {number}", seen, known, wnids)
                wnids.add(wnid)
    if not wnids:
        raise ValueError(f"{uri} names no wnid; a zero-shot set needs one a line.")
    return sorted(wnids)


def _check_member(wnid: str, place: str, seen: set[str], known: set[str], above: set[str]) -> None:
    if wnid not in known:
        raise ValueError(f"{place}: {wnid} is not in the taxonomy; correct or remove the line.")
    if wnid in seen:
        raise ValueError(f"{place}: {wnid} is a seen class; add it to images_unseen or remove it.")
    if wnid in above:
        raise ValueError(f"{place}: {wnid} stands there twice; remove one.")
