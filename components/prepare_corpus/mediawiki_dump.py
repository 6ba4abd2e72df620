"""Reads the articles of a MediaWiki XML dump (`pages-articles*.xml`), streamed page by page.

An article is a page of namespace 0 that is no redirect and has text; its title is its first
paragraph. Of several revisions the last counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import IO
from xml.parsers import expat

from components.prepare_corpus.wikitext import link_namespaces, paragraphs
from components.shared.storage.xml_stream import fed

REDIRECTS = "redirects"
OTHER_NAMESPACES = "pages_of_other_namespaces"
EMPTY = "empty_articles"

ROOT = "mediawiki"
ARTICLE_NAMESPACE = "0"
TEXTLESS_NAMESPACES = ("6", "14")
"""Keys of the file and category namespaces: links to them show no text."""

LONGEST_PAGE = 1 << 24
"""Characters of a page; MediaWiki's own limit is 2 MB."""

_REDIRECT = re.compile(r"\s*#redirect", re.IGNORECASE)
_NAMESPACES = ["siteinfo", "namespaces", "namespace"]
_BARE = re.compile(r"\s*<page[\s>]")


Namespaces = tuple[tuple[str, str], ...]
"""Keys and names."""


@dataclass
class Page:
    """What is read of a page.

    Attributes:
        namespaces: The wiki's own.
        title: Its title.
        namespace: The key of its own one; None where a dump before 2012 says none.
        is_redirect: Whether the dump says that it is one.
        text: Its wikitext.
    """

    namespaces: Namespaces = ()
    title: str = ""
    namespace: str | None = None
    is_redirect: bool = False
    text: str = ""


@dataclass
class _Reading:
    """How far the parser is.

    Attributes:
        source: The dump's address.
        path: Names of the open elements.
        page: The page that is open.
        pages: Those that are complete and not yet taken.
        namespaces: The wiki's own.
        pieces: Of the text of the innermost element.
        size: Characters of the page so far.
    """

    source: str
    path: list[str] = field(default_factory=list)
    page: Page = field(default_factory=Page)
    pages: list[Page] = field(default_factory=list)
    namespaces: Namespaces = ()
    pieces: list[str] = field(default_factory=list)
    size: int = 0


def begins_with_a_page(beginning: str) -> bool:
    """Whether a text is a stream cut out of a dump by its index: pages without what is around."""
    return _BARE.match(beginning) is not None


def read_pages(source: str, content: IO[bytes], is_bare: bool = False) -> Iterator[Page]:
    """Stream the pages of a dump, as they stand there; each is forgotten after its use.

    Args:
        source: The dump's address, for messages.
        content: The XML.
        is_bare: Whether the pages stand without the dump around them.

    Raises:
        ValueError: It is no MediaWiki dump, broken, or has a page that is too long; the line is
            named.
    """
    reading = _Reading(source)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: _start(reading, name, attributes)
    parser.EndElementHandler = lambda _: _end(reading)
    parser.CharacterDataHandler = lambda text: _text(reading, text, parser.CurrentLineNumber)
    before = f"<{ROOT}>".encode() if is_bare else b""
    # A stream from the end of a dump has the root's end tag itself.
    end = f"</{ROOT}>".encode()
    for _ in fed(
        reading.source, content, parser, before, lambda: end if is_bare and reading.path else b""
    ):
        yield from reading.pages
        reading.pages.clear()


def _start(reading: _Reading, name: str, attributes: dict[str, str]) -> None:
    name = name.rpartition("}")[2]
    if not reading.path and name != ROOT:
        raise ValueError(
            f"{reading.source} is XML, but no MediaWiki dump: it begins with <{name}>, not "
            f"<{ROOT}>."
        )
    reading.path.append(name)
    reading.pieces.clear()
    below = reading.path[1:]
    if below == ["page"]:
        reading.page, reading.size = Page(reading.namespaces), 0
    elif below == ["page", "redirect"]:
        reading.page.is_redirect = True
    elif below == _NAMESPACES:
        reading.namespaces += ((attributes.get("key", ""), ""),)


def _text(reading: _Reading, text: str, line: int) -> None:
    reading.size += len(text)
    if reading.size > LONGEST_PAGE and "page" in reading.path:
        raise ValueError(
            f"{reading.source}, line {line}: a page has more than {LONGEST_PAGE:,} characters: "
            "take it out."
        )
    reading.pieces.append(text)


def _end(reading: _Reading) -> None:
    below, text = reading.path[1:], "".join(reading.pieces)
    if below == ["page", "title"]:
        reading.page.title = text
    elif below == ["page", "ns"]:
        reading.page.namespace = text
    elif below == ["page", "revision", "text"]:
        reading.page.text = text
    elif below == _NAMESPACES:
        *before, (key, _) = reading.namespaces
        reading.namespaces = (*before, (key, text))
    elif below == ["page"]:
        reading.pages.append(reading.page)
    reading.path.pop()
    reading.pieces.clear()


def article_of(page: Page) -> tuple[list[str], str]:
    """The paragraphs of a page, none blank, or why it is left out."""
    if not _is_article(page, {"", *(name.lower() for _, name in page.namespaces)}):
        return [], OTHER_NAMESPACES
    if page.is_redirect or _REDIRECT.match(page.text):
        return [], REDIRECTS
    local = tuple(name for key, name in page.namespaces if key in TEXTLESS_NAMESPACES)
    prose = paragraphs(page.text, _textless(local))
    return ([page.title, *prose], "") if prose else ([], EMPTY)


@cache
def _textless(names: tuple[str, ...]) -> re.Pattern[str]:
    return link_namespaces(names)


def _is_article(page: Page, names: set[str]) -> bool:
    if page.namespace is not None:
        return page.namespace == ARTICLE_NAMESPACE
    # Dumps before 2012 have no <ns>: the title says it.
    before, colon, _ = page.title.partition(":")
    return not colon or before.lower() not in names
