"""Reads what WikiExtractor writes: articles between doc tags, or as JSON lines."""

import json
from collections.abc import Iterable, Iterator

from components.prepare_corpus.long_text import LONGEST_PIECE, cut

DOC_START = "<doc "
DOC_END = "</doc>"


def read_docs(source: str, lines: Iterable[str]) -> Iterator[list[str]]:
    """Articles between `<doc ...>` and `</doc>`, a paragraph a line.

    Args:
        source: The file's address, for messages.
        lines: The file's lines without space around them.

    Yields:
        The paragraphs of an article; none where it is empty.

    Raises:
        ValueError: The tags do not match; the line is named.
    """
    article: list[str] = []
    inside, size = False, 0
    for number, line in enumerate(lines, start=1):
        if line.startswith(DOC_START):
            _refuse(inside, source, number, "<doc> before the </doc> of the article before")
            article, inside, size = [], True, 0
        elif line == DOC_END:
            _refuse(not inside, source, number, "</doc> without its <doc>")
            inside = False
            yield article
        elif line:
            _refuse(not inside, source, number, "text outside <doc> ... </doc>")
            article.append(line)
            size += len(line)
            if size > LONGEST_PIECE:
                yield article
                article, size = [], 0
    if inside:
        raise ValueError(f"{source} ends within an article, without </doc>: make or copy it again.")


def read_json_lines(source: str, lines: Iterable[tuple[int, str, bool]]) -> Iterator[list[str]]:
    """Articles as JSON objects, one a line, with the members `title` and `text`.

    Args:
        source: The file's address, for messages.
        lines: From `text_lines`.

    Yields:
        The title and the paragraphs of an article; nothing where its text is empty.

    Raises:
        ValueError: A line is no such object, or too long; it is named.
    """
    for number, line, is_whole in lines:
        _refuse(not is_whole, source, number, f"more than {len(line):,} characters")
        if line.strip():
            yield from _cut_once(_json_article(source, number, line))


def _cut_once(article: list[str]) -> Iterator[list[str]]:
    # An article without text is one too: it is counted.
    return cut(article) if article else iter([article])


def _json_article(source: str, number: int, line: str) -> list[str]:
    try:
        article = json.loads(line)
    # The depth of what is nested is bounded too.
    except (ValueError, RecursionError) as error:
        _refuse(True, source, number, f"broken JSON ({error})")
    is_object = isinstance(article, dict)
    _refuse(not is_object, source, number, "no JSON object")
    text, title = article.get("text"), article.get("title", "")
    _refuse(not isinstance(text, str), source, number, 'no string under "text"')
    _refuse(not isinstance(title, str), source, number, 'no string under "title"')
    prose = [paragraph for part in text.split("\n") if (paragraph := part.strip())]
    has_title = not title.strip() or prose[:1] == [title.strip()]
    return prose if has_title or not prose else [title.strip(), *prose]


def _refuse(wrong: bool, source: str, number: int, what: str) -> None:
    if wrong:
        raise ValueError(f"{source}, line {number}: {what}: mend the file or extract it again.")
