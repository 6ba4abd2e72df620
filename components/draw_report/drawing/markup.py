"""HTML and SVG that cannot be broken by data: every text is escaped unless it is markup."""

import html
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Markup:
    """Finished HTML or SVG.

    Attributes:
        text: what goes into the page as it is.
    """

    text: str


Child = str | Markup

VOID = frozenset({"img", "meta"})
"""Elements that HTML closes by itself."""


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """Return an element; texts among children and attributes are escaped.

    Args:
        name: of the element.
        children: texts and markup.
        attributes: by name, `class_` for class and `_` for a hyphen; None leaves one out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{join(children).text}</{name}>")


def join(children: Iterable[Child]) -> Markup:
    """Put texts and markup one after another; texts are escaped."""
    return Markup(
        "".join(
            child.text if isinstance(child, Markup) else html.escape(child) for child in children
        )
    )


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
