"""Names of files as people can read them and tables can hold them.

On Linux a name is bytes, of which Python makes text with surrogates where they are no UTF-8: a
terminal takes such a text no more than a parquet file does.
"""


def named(path: str) -> str:
    """A path with everything written out that cannot be printed: no UTF-8, control characters."""
    if path.isprintable():
        return path
    return "".join(map(_written_out, path))


def _written_out(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def is_named(text: str) -> bool:
    """Whether a name is UTF-8 text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
