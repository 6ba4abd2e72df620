"""Small tables of names and figures."""

from collections.abc import Sequence

from components.draw_report.drawing.markup import Child, Markup, element


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
