"""Takes the leftovers of markup out of extracted text."""

import html
import re

_TAGS = re.compile(
    r"</?(?:abbr|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|dd|del|div|dl|dt|em|font"
    r"|gallery|h[1-6]|hr|i|includeonly|ins|kbd|li|math|noinclude|nowiki|ol|onlyinclude|p|poem|pre"
    r"|ref|references|rp|rt|ruby|s|samp|section|small|source|span|strike|strong|sub|sup"
    r"|syntaxhighlight|table|tbody|td|th|thead|time|tr|tt|u|ul|var|wbr)(?:[\s/][^<>]*)?>",
    re.IGNORECASE,
)


def plain_text(line: str) -> str:
    """Write HTML entities as the characters they stand for, and HTML tags as a space."""
    if "&" in line:
        line = html.unescape(line)
    if "<" in line:
        line = _TAGS.sub(" ", line)
    return line
