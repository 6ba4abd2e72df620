"""Reads the articles of a MediaWiki XML dump (`pages-articles*.xml`), streamed page by page.

An article is a page of namespace 0 that is no redirect and has text; its title is its first
paragraph. Of several revisions the last counts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from components.prepare_corpus.wikitext import ENGLISH, link_namespaces, paragraphs

REDIRECTS = "redirects"
OTHER_NAMESPACES = "pages_of_other_namespaces"
EMPTY = "empty_articles"

ROOT = "mediawiki"
ARTICLE_NAMESPACE = "0"
TEXTLESS_NAMESPACES = ("6", "14")
"""Keys of the file and category namespaces: links to them show no text."""

_REDIRECT = re.compile(r"\s*#redirect", re.IGNORECASE)


def read_dump(
    source: str, content: IO[bytes], left_out: Counter[str], start: int = 0
) -> Iterator[list[str]]:
    """Stream the articles of a dump.

    Args:
        source: The dump's address, for messages.
        content: The XML.
        left_out: Pages left out are counted here, by reason.
        start: How many pages to pass over, neither cleaned nor counted.

    Yields:
        The paragraphs of an article, none blank.

    Raises:
        ValueError: It is no MediaWiki dump, or broken; the line is named.
    """
    namespaces, names, pages = ENGLISH, {""}, 0
    for element in _elements(source, content):
        if _name(element) == "namespaces":
            names = {(item.text or "").lower() for item in element}
            local = (item.text or "" for item in element if item.get("key") in TEXTLESS_NAMESPACES)
            namespaces = link_namespaces(local)
            continue
        pages += 1
        if pages <= start:
            continue
        article, reason = _article(element, names, namespaces)
        if reason:
            left_out[reason] += 1
        else:
            yield article


def _elements(source: str, content: IO[bytes]) -> Iterator[Element]:
    """Stream the complete `namespaces` and `page` elements; each is forgotten after its use."""
    root = None
    try:
        for event, element in iterparse(content, events=("start", "end")):
            if root is None:
                root = element
                _refuse_other_xml(source, root)
            elif event == "end" and _name(element) in ("page", "namespaces"):
                yield element
                root.clear()
    except ParseError as error:
        line = error.position[0]
        raise ValueError(
            f"{source}, line {line}: broken or cut short XML ({error}): copy it again."
        ) from error


def _refuse_other_xml(source: str, root: Element) -> None:
    if _name(root) != ROOT:
        raise ValueError(
            f"{source} is XML, but no MediaWiki dump: it begins with <{_name(root)}>, not <{ROOT}>."
        )


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _article(page: Element, names: set[str], namespaces: re.Pattern[str]) -> tuple[list[str], str]:
    """The paragraphs of a page, or why it is left out."""
    prefix = page.tag.removesuffix("page")
    title = page.findtext(f"{prefix}title") or ""
    if not _is_article(page.findtext(f"{prefix}ns"), title, names):
        return [], OTHER_NAMESPACES
    texts = page.findall(f"{prefix}revision/{prefix}text")
    wikitext = (texts[-1].text if texts else "") or ""
    if page.find(f"{prefix}redirect") is not None or _REDIRECT.match(wikitext):
        return [], REDIRECTS
    prose = paragraphs(wikitext, namespaces)
    return ([title, *prose], "") if prose else ([], EMPTY)


def _is_article(namespace: str | None, title: str, names: set[str]) -> bool:
    if namespace is not None:
        return namespace == ARTICLE_NAMESPACE
    # Dumps before 2012 have no <ns>: the title says it.
    before, colon, _ = title.partition(":")
    return not colon or before.lower() not in names
