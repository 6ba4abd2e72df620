"""Cuts text that is longer than any article, so that none has to fit in memory.

A line or an article of more than `LONGEST_PIECE` characters becomes several. What is learned from
it is the same but for the words around a cut: the corpus cuts articles into lines anyway.
"""

import re
from collections.abc import Iterable, Iterator
from unicodedata import category

LONGEST_PIECE = 1 << 21
"""Characters; a piece takes about 13 times as many bytes while it is cut into tokens."""

_LAST_SPACE = re.compile(r".*\s", re.DOTALL)
_APOSTROPHES = frozenset("'\u2019\u2018\u02bc\u2032\u00b4`\uff07")


def pieces(source: str, lines: Iterable[tuple[int, str, bool]]) -> Iterator[str]:
    """The lines of a text without space around them; a long one in pieces, cut between words.

    Args:
        source: The text's address, for messages.
        lines: From `text_lines`.

    Raises:
        ValueError: A piece is one word; the line is named.
    """
    rest, has_begun = "", False
    for number, piece, is_whole in lines:
        text = rest + piece
        end = len(text) if is_whole else _gap(source, number, text)
        line, rest = text[:end].strip(), text[end:]
        # What is left of a long line is no blank line.
        if line or (is_whole and not has_begun):
            yield line
        has_begun = not is_whole
    if rest.strip():
        yield rest.strip()


def _gap(source: str, number: int, text: str) -> int:
    """Where a text can be cut: behind its last space, else behind its last punctuation."""
    if found := _LAST_SPACE.match(text):
        return found.end()
    end = next((end for end in range(len(text), 0, -1) if _parts_words(text[end - 1])), 0)
    if not end:
        raise ValueError(
            f"{source}, line {number}: {len(text):,} letters follow each other without a space: "
            "this is no text, take it out."
        )
    return end


def _parts_words(sign: str) -> bool:
    """Whether a word ends before a sign: none does at a vowel sign, a joiner, or in "don't"."""
    return category(sign)[0] in "PS" and sign not in _APOSTROPHES


def cut(lines: Iterable[str]) -> Iterator[list[str]]:
    """The paragraphs of an article, as several articles where they are too many."""
    article: list[str] = []
    size = 0
    for line in lines:
        article.append(line)
        size += len(line)
        if size > LONGEST_PIECE:
            yield article
            article, size = [], 0
    if article:
        yield article
