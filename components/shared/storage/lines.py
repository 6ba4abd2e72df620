"""Reads the lines of text files as people have them: with a byte-order mark or none, in UTF-16 too.

A mark that stays in a text becomes a part of its first word, which is then no class, no edge and no
term that anything knows. So it is taken off, at the beginning of every line, because files are put
together from others.
"""

import io
import re
from collections.abc import Iterator
from typing import IO, cast

from components.shared.storage import store

LONGEST_LINE = 1 << 20
"""Characters of a line of a list; more is no list."""

BUFFER = 1 << 16
_MARK = "\ufeff"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF32_MARK = b"\xff\xfe\0\0"
_LINE_END = re.compile(rb"\r\n?|\n")


def list_lines(uri: str, longest: int = LONGEST_LINE) -> Iterator[tuple[int, str]]:
    """The lines of a list with their numbers, from 1, without their ends.

    Args:
        uri: The list's address.
        longest: Characters that a line may have.

    Raises:
        ValueError: The list is not there, is no text, or has a longer line; file and line are
            named.
    """
    source = store.shown(uri)
    with store.open_read(uri) as stream:
        for number, line, is_whole in text_lines(source, buffered(stream), longest):
            if not is_whole:
                raise ValueError(
                    f"{source}, line {number} has more than {longest:,} characters: give a list, "
                    "an entry a line."
                )
            yield number, line


def buffered(stream: IO[bytes]) -> io.BufferedReader:
    """The same bytes, the next of which can be looked at."""
    return io.BufferedReader(cast(io.RawIOBase, stream), BUFFER)


def encoding_of(head: bytes) -> str:
    """The encoding that a text's first bytes tell."""
    is_utf16 = head.startswith(_UTF16_MARKS) and not head.startswith(_UTF32_MARK)
    return "utf-16" if is_utf16 else "utf-8"


def text_lines(
    source: str, stream: io.BufferedReader, longest: int
) -> Iterator[tuple[int, str, bool]]:
    """The lines of a text, in pieces where they are long, so that no line has to fit in memory.

    Args:
        source: The text's address, for messages.
        stream: Its bytes; it is closed at the end.
        longest: Characters of a piece.

    Yields:
        A line's number, from 1, a piece of it without the line's end, and whether the line ends
        with it.

    Raises:
        ValueError: It is no text in UTF-8 or UTF-16; the line is named.
    """
    number = 1
    encoding = encoding_of(stream.peek(BUFFER))
    with io.TextIOWrapper(stream, encoding=encoding) as text:
        try:
            while piece := text.readline(longest):
                is_whole = piece.endswith("\n") or len(piece) < longest
                if "\0" in piece:
                    raise _no_text(source, number, "it has a null character")
                yield number, piece.removesuffix("\n").removeprefix(_MARK), is_whole
                number += is_whole
        except UnicodeDecodeError as error:
            number += len(_LINE_END.findall(error.object[: error.start]))
            reason = f"{error.reason}, byte {error.object[error.start]:#04x}"
            raise _no_text(source, number, reason) from error


def _no_text(source: str, number: int, reason: str) -> ValueError:
    return ValueError(
        f"{source}, line {number}: this is no UTF-8 text ({reason}): save it as UTF-8, or copy it "
        "again."
    )
