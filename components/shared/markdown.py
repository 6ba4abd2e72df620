"""Markdown that cannot be broken by data: tables, and text that shows as it is."""

import re
from collections.abc import Iterable, Sequence

_MEANT = re.compile(r"[\\`*_\[\]<>#!|~&:]")
"""Characters without which nothing in a line is Markdown, a cell's end, HTML or an address."""


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line, in a table's cell too."""
    return _MEANT.sub(r"\\\g<0>", " ".join(text.split()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], names: int = 1) -> str:
    """Return a table of cells that are Markdown already.

    Args:
        head: Titles of the columns.
        rows: Cells of each row.
        names: How many columns, from the left, hold names; those after them hold figures and are
            set to the right.
    """
    lines = [head, ["---"] * names + ["---:"] * (len(head) - names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
