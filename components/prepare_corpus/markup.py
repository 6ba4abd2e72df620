"""Takes the leftovers of markup out of extracted text."""

import html
import re

_TAGS = re.compile(
    r"</?(?:b|big|blockquote|br|center|cite|code|dd|div|dl|dt|em|font|gallery|h[1-6]|hr|i|li|math"
    r"|nowiki|ol|p|poem|pre|ref|references|s|small|span|strong|sub|sup|table|td|th|tr|tt|u|ul)"
    r"(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


def plain_text(line: str) -> str:
    """Write HTML entities as the characters they stand for, and HTML tags as a space."""
    if "&" in line:
        line = html.unescape(line)
    if "<" in line:
        line = _TAGS.sub(" ", line)
    return line
