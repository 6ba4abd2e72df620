"""Readers of the text files that a taxonomy comes from: words.txt and an edge list.

Every fault is an error that names file and line: a label lost here in silence would be missing
from every table that follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.shared.artifacts.terms import normalise_term
from components.shared.storage.lines import list_lines

Edge = tuple[str, str]


@dataclass(frozen=True)
class HierarchySource:
    """What the file of a hierarchy holds.

    Attributes:
        edges: Pairs of nodes, in file order; (parent, child) where `directed`.
        directed: Whether the file says which node of a pair is the parent.
        terms: The terms of each synset by wnid, the first term first; None where the file has
            none and words.txt is needed.
        facts: What else it tells, for taxonomy.json; left-out relations by number among them.
    """

    edges: Sequence[Edge]
    directed: bool
    terms: Mapping[str, tuple[str, ...]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_words(uri: str) -> dict[str, tuple[str, ...]]:
    """Read lines `wnid<TAB>term, term, ...`, the first term first.

    Returns:
        The terms of each synset by wnid, in file order.

    Raises:
        ValueError: A broken line, a wnid without terms or a wnid twice; file and line are named.
    """
    terms: dict[str, tuple[str, ...]] = {}
    first_seen: dict[str, int] = {}
    for number, line in list_lines(uri):
        wnid, names = _parse_synset(line, f"{uri}, line {number}")
        if wnid in terms:
            raise ValueError(
                f"{uri}, line {number}: {wnid} is in line {first_seen[wnid]} already: "
                "write all its terms in one line."
            )
        terms[wnid], first_seen[wnid] = names, number
    if not terms:
        raise ValueError(f"{uri} has no synset: write `wnid<TAB>term, term, ...` in each line.")
    return terms


def read_edges(uri: str) -> list[Edge]:
    """Read lines `a b`: `parent child` where the hierarchy is directed, else pairs in any order.

    Returns:
        The pairs, in file order.

    Raises:
        ValueError: A broken line, a node joined to itself or a pair twice (in either order: no
            node is its own parent's parent); file and line are named.
    """
    first_seen: dict[Edge, int] = {}
    for number, line in list_lines(uri):
        edge = _parse_edge(line, f"{uri}, line {number}")
        twice = first_seen.get(edge) or first_seen.get(edge[::-1])
        if twice:
            raise ValueError(
                f"{uri}, line {number}: {edge[0]} {edge[1]} is in line {twice} already: "
                "remove one of them."
            )
        first_seen[edge] = number
    if not first_seen:
        raise ValueError(f"{uri} has no edge: write two nodes in each line.")
    return list(first_seen)


def split_terms(text: str, place: str) -> tuple[str, ...]:
    """Split `term, term, ...` as ImageNet writes the terms of a synset, the first term first.

    Args:
        text: The terms, at least one.
        place: File, line and synset, to begin an error with.

    Raises:
        ValueError: A term is empty or has no letter and no digit.
    """
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        check_term(name, place)
    return names


def check_term(name: str, place: str) -> None:
    """Refuse a term that cannot be written as it stands in a text."""
    if not name:
        raise ValueError(f"{place} has an empty term: remove the superfluous comma.")
    try:
        normalise_term(name)
    except ValueError as error:
        raise ValueError(f"{place}: {error}.") from error


def _parse_synset(line: str, place: str) -> tuple[str, tuple[str, ...]]:
    wnid, tab, rest = line.partition("\t")
    if len(wnid.split()) != 1 or wnid.strip() != wnid or "\t" in rest:
        raise ValueError(f"{place}: {line!r} is not `wnid<TAB>term, term, ...`: mend the line.")
    if not tab or not rest.strip():
        raise ValueError(f"{place}: {wnid} has no terms: add one or remove the line.")
    return wnid, split_terms(rest, f"{place}: {wnid}")


def _parse_edge(line: str, place: str) -> Edge:
    nodes = line.split()
    if len(nodes) != 2:
        raise ValueError(f"{place}: {line!r} is not two nodes: mend the line.")
    if nodes[0] == nodes[1]:
        raise ValueError(f"{place}: {nodes[0]} is joined to itself: remove the line.")
    return nodes[0], nodes[1]
