"""Readers of text files, each also packed as .bz2 (of any number of streams) or .gz, streamed.

The first bytes say what a file is, and how it is packed:

- MediaWiki's XML dumps (`pages-articles*.xml`): see `mediawiki_dump`.
- WikiExtractor's JSON lines, `{"id": ..., "url": ..., "title": ..., "text": ...}` an article. The
  title is the first paragraph, a line of the text a paragraph.
- WikiExtractor's `<doc id=... title=...>`, the title, the paragraphs one a line, `</doc>`.
  The title line is kept.
- In plain text a blank line ends an article, and its lines are its paragraphs. A file without a
  blank line in its first 1,000 lines holds one article a line.

Anything else is refused by what it is. No line and no article has to fit in memory: `long_text`.
"""

import gzip
import io
import itertools
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import IO, cast

from components.prepare_corpus.bz2_streams import STREAM, open_bz2
from components.prepare_corpus.formats import refuse_other_bytes, refuse_other_markup
from components.prepare_corpus.long_text import LONGEST_PIECE, cut, pieces
from components.prepare_corpus.mediawiki_dump import (
    EMPTY,
    LONGEST_PAGE,
    Page,
    article_of,
    begins_with_a_page,
    read_pages,
)
from components.prepare_corpus.wikiextractor import read_docs, read_json_lines
from components.shared.storage import store
from components.shared.storage.lines import encoding_of, text_lines

Article = list[str]
"""The paragraphs of an article, in order, none blank."""

Unread = Page | Article
"""A page of a dump, as it stands there, or an article of another text, empty or not."""

LINES_LOOKED_AT = 1000
HEAD = 1 << 16
"""Bytes read at a time, and looked at to tell the format."""

_GZIP = b"\x1f\x8b\x08"
_XML = re.compile(r"\s*<(?:\?xml|mediawiki)\b")
_DOC = re.compile(r"\s*<doc ")
_JSON = re.compile(r'\s*\{\s*"')


def read_articles(uri: str) -> Generator[Article, None, None]:
    """Stream the articles of one text file.

    Args:
        uri: A local path, an s3:// or an http(s):// address.

    Yields:
        Articles in file order, none empty.

    Raises:
        ValueError: The file is missing, broken, no text or in no
            format that is read; it is named, with the line.
    """
    with closing(read_unread(uri)) as pages:
        for page in pages:
            article, _ = read(page)
            if article:
                yield article


def read(page: Unread) -> tuple[Article, str]:
    """The article of a page, or why it is left out."""
    if isinstance(page, Page):
        return article_of(page)
    return page, "" if page else EMPTY


def read_unread(uri: str, start: int = 0) -> Generator[Unread, None, None]:
    """Stream the pages of one text file, those too that are left out, without cleaning them.

    Args:
        uri: A local path, an s3:// or an http(s):// address.
        start: How many to pass over.

    Yields:
        Pages in file order.

    Raises:
        ValueError: The file is missing, broken, no text or in no
            format that is read; it is named, with the line.
    """
    source = store.shown(uri)
    with store.open_read(uri) as stream, _peekable(stream) as packed:
        try:
            with _unpacked(source, packed) as content:
                yield from itertools.islice(_pages(source, content), start, None)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{source} is cut short or broken ({error}): copy it again."
            ) from error


def _peekable(stream: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, stream), HEAD)


def _unpacked(source: str, stream: io.BufferedReader) -> io.BufferedReader:
    head = stream.peek(HEAD)
    if STREAM.match(head):
        return _peekable(open_bz2(stream))
    if head.startswith(_GZIP):
        return _peekable(cast(IO[bytes], gzip.open(stream)))
    # An empty file is an empty text, however it is called.
    if head and source.endswith((".bz2", ".gz")):
        raise OSError("its name says that it is packed, its first bytes do not")
    return stream


def _pages(source: str, content: io.BufferedReader) -> Iterator[Unread]:
    head = content.peek(HEAD)
    refuse_other_bytes(source, head)
    # An XML parser reads UTF-16 by itself, and needs the bytes as they are.
    beginning = head.decode(encoding_of(head), errors="ignore").removeprefix("\ufeff")
    is_bare = begins_with_a_page(beginning)
    if is_bare or _XML.match(beginning):
        return read_pages(source, content, is_bare)
    return _articles_of_text(source, beginning, content)


def _articles_of_text(source: str, beginning: str, content: io.BufferedReader) -> Iterator[Article]:
    if _JSON.match(beginning):
        return read_json_lines(source, text_lines(source, content, LONGEST_PAGE))
    lines = pieces(source, text_lines(source, content, LONGEST_PIECE))
    if _DOC.match(beginning):
        return read_docs(source, lines)
    refuse_other_markup(source, beginning)
    head = list(_looked_at(lines))
    everything = itertools.chain(head, lines)
    if 0 in bytes(map(bool, head)).strip(b"\0"):
        return _blank_line_separated_articles(everything)
    return ([line] for line in everything if line)


def _looked_at(lines: Iterator[str]) -> Iterator[str]:
    """The first lines, as many as one looks at, and of long ones fewer."""
    size = 0
    for line in itertools.islice(lines, LINES_LOOKED_AT):
        yield line
        size += len(line)
        if size > LONGEST_PAGE:
            return


def _blank_line_separated_articles(lines: Iterable[str]) -> Iterator[Article]:
    for is_text, group in itertools.groupby(lines, key=bool):
        if is_text:
            yield from cut(group)
