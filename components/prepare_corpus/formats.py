"""Tells from its first bytes what a file is that is no text to be read.

What is taken for plain text by mistake is learned: tags, file names and numbers become words.
"""

import re

_SIGNATURES = (
    (0, b"PK\x03\x04", "a zip archive or an office document"),
    (257, b"ustar", "a tar archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!", "a rar archive"),
    (0, b"\xfd7zXZ\0", "packed as xz"),
    (0, b"\x28\xb5\x2f\xfd", "packed as zstd"),
    (0, b"\x04\x22\x4d\x18", "packed as lz4"),
    (0, b"\x1f\x8b\x08", "packed twice"),
    (0, b"BZh91AY&SY", "packed twice"),
    (0, b"%PDF-", "a PDF"),
    (0, b"{\\rtf", "rich text"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (0, b"PAR1", "a parquet file"),
    (0, b"ARROW1", "an Arrow file"),
    (0, b"SQLite format 3\0", "a database"),
)
_MARKUP = (
    # A tag that fills a line begins no prose, and no other XML begins in other ways.
    (re.compile(r"\s*<(?:[!?]|html\b|/?[A-Za-z][^<>]*>[^\S\n]*(?:\n|\Z))", re.I), "XML or HTML"),
    (re.compile(r'\s*\[\s*\{\s*"'), "a JSON array"),
)


def refuse_other_bytes(source: str, head: bytes) -> None:
    """Refuse a file of another kind.

    Args:
        source: Its address, for the message.
        head: Its first bytes, unpacked.

    Raises:
        ValueError: It is one; the kind is named.
    """
    for place, signature, kind in _SIGNATURES:
        if head.startswith(signature, place):
            raise ValueError(
                f"{source} is {kind}, which is not read: unpack it, or save it as plain text."
            )


def refuse_other_markup(source: str, beginning: str) -> None:
    """Refuse markup that is neither MediaWiki's nor WikiExtractor's.

    Raises:
        ValueError: The text begins with such; the kind is named.
    """
    for pattern, kind in _MARKUP:
        if pattern.match(beginning):
            raise ValueError(
                f"{source} is {kind} of a kind that is not read: it begins with "
                f"{beginning.split(maxsplit=1)[0][:40]!r}; give MediaWiki's dump, WikiExtractor's "
                "output, or plain text."
            )
