"""Makes lines of the corpus of an article: cleaned, cut into tokens, terms joined."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from components.prepare_corpus.articles import Unread, read
from components.prepare_corpus.joining import Trie, join_terms
from components.prepare_corpus.markup import plain_text
from components.prepare_corpus.mediawiki_dump import EMPTY
from components.shared.artifacts.terms import tokenise


@dataclass(frozen=True)
class Cleaner:
    """What a line is.

    Attributes:
        trie: The terms to join.
        unit: Of what a line is made.
        maximum_tokens: Longer units are cut into lines of this.
    """

    trie: Trie
    unit: Literal["article", "paragraph"]
    maximum_tokens: int


@dataclass(frozen=True)
class Cleaned:
    """What became of a page.

    Attributes:
        text: Its lines, with their ends.
        tokens: How many tokens they have.
        lines: How many they are.
        units_cut: How many of its units have several.
        left_out: Why there are none; empty where there are.
    """

    text: str
    tokens: int = 0
    lines: int = 0
    units_cut: int = 0
    left_out: str = ""


def clean(cleaner: Cleaner, unread: Unread, counts: Counter[str]) -> Cleaned:
    """Clean a page.

    Args:
        cleaner: What a line is.
        unread: The page.
        counts: Occurrences of its terms are added here.
    """
    article, reason = read(unread)
    if reason:
        return Cleaned("", left_out=reason)
    lines, tokens, units_cut = [], 0, 0
    for unit in _units(article, cleaner):
        units_cut += len(unit) > cleaner.maximum_tokens
        for start in range(0, len(unit), cleaner.maximum_tokens):
            lines.append(" ".join(unit[start : start + cleaner.maximum_tokens]) + "\n")
        counts.update(unit)
        tokens += len(unit)
    return Cleaned("".join(lines), tokens, len(lines), units_cut, "" if tokens else EMPTY)


def _units(article: Iterable[str], cleaner: Cleaner) -> Iterator[list[str]]:
    paragraphs = (join_terms(tokenise(plain_text(line)), cleaner.trie) for line in article)
    if cleaner.unit == "paragraph":
        return (tokens for tokens in paragraphs if tokens)
    return iter([[token for paragraph in paragraphs for token in paragraph]])
