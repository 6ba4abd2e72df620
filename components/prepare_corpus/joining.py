"""Joins the multi-word terms of the taxonomy in running text, longest match first."""

from collections.abc import Iterable, Sequence
from typing import Any

from components.shared.artifacts.terms import JOINER

Trie = dict[str, Any]
"""Nested dicts by token; under `END` stands the joined term that ends there."""

END = ""


def term_trie(terms: Iterable[str]) -> Trie:
    """Index the terms of two or more words for `join_terms`.

    Args:
        terms: Normalised terms such as "tiger_shark"; single words are left out.
    """
    trie: Trie = {}
    for term in terms:
        tokens = term.split(JOINER)
        if len(tokens) > 1:
            node = trie
            for token in tokens:
                node = node.setdefault(token, {})
            node[END] = term
    return trie


def join_terms(tokens: Sequence[str], trie: Trie) -> list[str]:
    """Replace each longest run of tokens that is a term by the term, from left to right.

    Args:
        tokens: Normalised tokens of one paragraph.
        trie: From `term_trie`.

    Returns:
        The tokens with multi-word terms joined; a token is part of one term at most.
    """
    joined = []
    position, last = 0, len(tokens) - 1
    while position <= last:
        token = tokens[position]
        node = trie.get(token)
        # Half of all tokens begin some term: a look at the next one spares most of the walks.
        if node is not None and position < last and tokens[position + 1] in node:
            token, position = _longest_match(tokens, position, trie)
        else:
            position += 1
        joined.append(token)
    return joined


def _longest_match(tokens: Sequence[str], start: int, trie: Trie) -> tuple[str, int]:
    """Longest term that begins at `start`, else the token itself, and where to go on."""
    found, after = tokens[start], start + 1
    node = trie
    for position in range(start, len(tokens)):
        following = node.get(tokens[position])
        if following is None:
            break
        node = following
        if END in node:
            found, after = node[END], position + 1
    return found, after
