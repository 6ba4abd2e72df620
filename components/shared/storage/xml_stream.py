"""Feeds XML to a parser piece by piece, and refuses what would have to be held whole in memory.

Entity declarations are refused: neither a bomb nor another file can come in through them.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, NoReturn
from xml.parsers import expat

BLOCK = 1 << 16
LONGEST_TAG = 1 << 22
"""Bytes of a tag with its attributes, or of a comment, which a parser holds whole."""


def fed(
    source: str,
    content: IO[bytes],
    parser: expat.XMLParserType,
    before: bytes = b"",
    after: Callable[[], bytes] = bytes,
) -> Iterator[None]:
    """Feed a file to a parser; its handlers are called meanwhile.

    Args:
        source: The file's address, for messages.
        content: The XML.
        parser: With its handlers.
        before: What to feed before it.
        after: Says, when all is fed, what to feed behind it.

    Yields:
        After each block.

    Raises:
        ValueError: It is no XML, declares an entity, or has a tag that is too long; file and line
            are named.
    """
    parser.EntityDeclHandler = lambda *_: _refuse(
        source, parser, "an entity is declared, which is refused: remove it"
    )
    size = 0
    try:
        for block in chain([before], iter(lambda: content.read(BLOCK), b"")):
            parser.Parse(block, False)
            size += len(block)
            if size - parser.CurrentByteIndex > LONGEST_TAG:
                _refuse(
                    source,
                    parser,
                    f"a tag has more than {LONGEST_TAG:,} bytes: shorten or remove it",
                )
            yield
        parser.Parse(after(), True)
        yield
    except expat.ExpatError as error:
        raise ValueError(
            f"{source}, line {error.lineno}: broken or cut short XML ({error}): copy it again."
        ) from error


def _refuse(source: str, parser: expat.XMLParserType, what: str) -> NoReturn:
    raise ValueError(f"{source}, line {parser.CurrentLineNumber}: {what}.")
