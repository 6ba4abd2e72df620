"""Readers of text files: WikiExtractor output and plain text, each also as .bz2 or .gz, streamed.

- WikiExtractor writes `<doc id=... title=...>`, the title, the paragraphs one a line, `</doc>`.
  The title line is kept.
- In plain text a blank line ends an article, and its lines are its paragraphs. A file without a
  blank line in its first 1,000 lines holds one article a line.
"""

import bz2
import gzip
import io
import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, cast

from components.shared import storage

Article = list[str]
"""The paragraphs of an article, in order, none blank."""

DOC_START = "<doc "
DOC_END = "</doc>"
LINES_LOOKED_AT = 1000


def read_articles(uri: str) -> Iterator[Article]:
    """Stream the articles of one text file.

    Args:
        uri: a local path or s3:// address; the end .bz2 or .gz says that it is compressed.

    Yields:
        Articles in file order, none empty.

    Raises:
        ValueError: the file is missing, broken or no UTF-8 text; it is named.
    """
    with storage.open_read(uri) as stream, _decompressed(uri, stream) as content:
        try:
            with io.TextIOWrapper(content, encoding="utf-8") as text:
                yield from _articles(uri, text)
        except UnicodeDecodeError as error:
            raise ValueError(f"{uri} is not UTF-8 text ({error}): convert it.") from error
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{uri} is cut short or broken ({error}): copy it again.") from error


def _decompressed(uri: str, stream: IO[bytes]) -> AbstractContextManager[IO[bytes]]:
    if uri.endswith(".bz2"):
        return cast(IO[bytes], bz2.open(stream))
    if uri.endswith(".gz"):
        return cast(IO[bytes], gzip.open(stream))
    return nullcontext(stream)


def _articles(uri: str, text: Iterable[str]) -> Iterator[Article]:
    lines = (line.strip() for line in text)
    head = list(itertools.islice(lines, LINES_LOOKED_AT))
    everything = itertools.chain(head, lines)
    first = next((line for line in head if line), "")
    if first.startswith(DOC_START):
        return _wikiextractor_articles(uri, everything)
    if "" in "\n".join(head).strip().split("\n"):
        return _blank_line_separated_articles(everything)
    return ([line] for line in everything if line)


def _wikiextractor_articles(uri: str, lines: Iterable[str]) -> Iterator[Article]:
    article: Article = []
    inside = False
    for number, line in enumerate(lines, start=1):
        if line.startswith(DOC_START):
            _refuse(inside, uri, number, "<doc> before the </doc> of the article before")
            article, inside = [], True
        elif line == DOC_END:
            _refuse(not inside, uri, number, "</doc> without its <doc>")
            inside = False
            if article:
                yield article
        elif line:
            _refuse(not inside, uri, number, "text outside <doc> ... </doc>")
            article.append(line)
    if inside:
        raise ValueError(f"{uri} ends within an article, without </doc>: make or copy it again.")


def _refuse(wrong: bool, uri: str, number: int, what: str) -> None:
    if wrong:
        raise ValueError(f"{uri}, line {number}: {what}: mend the file or extract it again.")


def _blank_line_separated_articles(lines: Iterable[str]) -> Iterator[Article]:
    for is_text, group in itertools.groupby(lines, key=bool):
        if is_text:
            yield list(group)
