"""Reads what WikiExtractor writes: articles between doc tags, or as JSON lines."""

import json
from collections.abc import Iterable, Iterator

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
    inside = False
    for number, line in enumerate(lines, start=1):
        if line.startswith(DOC_START):
            _refuse(inside, source, number, "<doc> before the </doc> of the article before")
            article, inside = [], True
        elif line == DOC_END:
            _refuse(not inside, source, number, "</doc> without its <doc>")
            inside = False
            yield article
        elif line:
            _refuse(not inside, source, number, "text outside <doc> ... </doc>")
            article.append(line)
    if inside:
        raise ValueError(f"{source} ends within an article, without </doc>: make or copy it again.")


def read_json_lines(source: str, lines: Iterable[str]) -> Iterator[list[str]]:
    """Articles as JSON objects, one a line, with the members `title` and `text`.

    Args:
        source: The file's address, for messages.
        lines: The file's lines without space around them.

    Yields:
        The title and the paragraphs of an article; nothing where its text is empty.

    Raises:
        ValueError: A line is no such object; it is named.
    """
    for number, line in enumerate(lines, start=1):
        if line:
            yield _json_article(source, number, line)


def _json_article(source: str, number: int, line: str) -> list[str]:
    try:
        article = json.loads(line)
    except ValueError as error:
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
