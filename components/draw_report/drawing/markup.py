"""HTML and SVG that cannot be broken by data: every text is escaped unless it is markup.

Made by hand and not by a template engine: three functions escape every text, and a drawing is
made of the same elements as the page around it.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Markup:
    """Finished HTML or SVG.

    Attributes:
        text: What goes into the page as it is.
    """

    text: str


Child = str | Markup

VOID = frozenset({"img", "meta"})
"""Elements that HTML closes by itself."""


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Markup:
    """Return an element; texts among children and attributes are escaped.

    Args:
        name: Of the element.
        children: Texts and markup.
        attributes: By name, `class_` for class and `_` for a hyphen; None leaves one out.
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


def plain_table(
    head: Sequence[str], rows: Sequence[Sequence[Child]], class_: str = "plain"
) -> Markup:
    """Return a small table; its first column holds names, the others figures."""
    titles = [element("th", name, scope="col") for name in head]
    body = [
        element(
            "tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])
        )
        for row in rows
    ]
    top = [element("thead", element("tr", *titles))] if any(head) else []
    table = element("table", *top, element("tbody", *body), class_=class_)
    return element("div", table, class_="scroll")


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
