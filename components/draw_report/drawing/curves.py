"""Seen-unseen curves as inline SVG: two shares over each other, a line a model.

All lines end on one axis, so that their names stand below, in the order of the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from components.draw_report.drawing.charts import Scale, nice_ticks, percent, svg_text, written
from components.draw_report.drawing.markup import Markup, element

WIDTH, HEIGHT = 480.0, 320.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 470.0, 26.0, 282.0
RADIUS = 4.2

Point = tuple[float, float]
"""Shares of the seen and of the unseen."""


@dataclass(frozen=True)
class SeenUnseen:
    """The curve of a model.

    Attributes:
        name: Of the model.
        colour: Classes of the page that colour it.
        points: Of the curve, from one end to the other.
        area: Below it, 0..1.
        plain: Where it stands without a penalty.
        chosen: With the penalty that was chosen; None where there is none.
    """

    name: str
    colour: str
    points: Sequence[Point]
    area: float
    plain: Point
    chosen: Point | None = None


def curves_chart(title: str, curves: Sequence[SeenUnseen]) -> Markup:
    """Draw the curves over common axes, their names and areas below.

    Args:
        title: Above the chart.
        curves: At least one.
    """
    seen, unseen = zip(*(point for one in curves for point in one.points), strict=True)
    x, y = _scale(seen, LEFT, RIGHT), _scale(unseen, BOTTOM, TOP)
    parts = [*_axes(x, y), *(_line(one, x, y) for one in curves)]
    parts += [mark for one in curves for mark in _marks(one, x, y)]
    said = f"{title}. {' '.join(map(_said, curves))}"
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    drawing = element("svg", *parts, viewBox=box, role="img", aria_label=said)
    return element(
        "figure", element("figcaption", title), drawing, _names(curves), class_="chart curves"
    )


def _said(one: SeenUnseen) -> str:
    """What the drawing shows of a model, for those who do not see it."""
    chosen = f", {_both(one.chosen)} with the penalty chosen" if one.chosen else ""
    return f"{one.name}: {_both(one.plain)} without a penalty{chosen}, area {percent(one.area)}."


def _both(point: Point) -> str:
    return f"{percent(point[0])} of seen and {percent(point[1])} of unseen"


def _scale(values: Sequence[float], start: float, end: float) -> Scale:
    ticks = nice_ticks(0.0, max(values))
    return Scale(ticks[0], ticks[-1], start, end)


def _axes(x: Scale, y: Scale) -> list[Markup]:
    parts = [svg_text("unseen: hit@1, mean over classes", 0, 11, "start")]
    for tick in nice_ticks(y.low, y.high):
        height = round(y.at(tick), 1)
        parts.append(element("line", x1=LEFT, x2=RIGHT, y1=height, y2=height, class_="grid"))
        parts.append(svg_text(written(tick, True), LEFT - 6, height + 3.5, "end"))
    ticks = nice_ticks(x.low, x.high)
    parts += [svg_text(written(t, True), x.at(t), BOTTOM + 15, "middle") for t in ticks]
    return [*parts, svg_text("seen: hit@1, mean over classes", RIGHT, HEIGHT - 6, "end")]


def _line(one: SeenUnseen, x: Scale, y: Scale) -> Markup:
    path = " ".join(f"{x.at(seen):.1f},{y.at(unseen):.1f}" for seen, unseen in one.points)
    return element(
        "polyline", element("title", one.name), points=path, class_=f"series {one.colour}"
    )


def _marks(one: SeenUnseen, x: Scale, y: Scale) -> list[Markup]:
    marks = [_mark(one, one.plain, "without a penalty", "ring", x, y)]
    if one.chosen:
        marks.append(_mark(one, one.chosen, "with the penalty chosen", "fill", x, y))
    return marks


def _mark(one: SeenUnseen, at: Point, what: str, look: str, x: Scale, y: Scale) -> Markup:
    return element(
        "circle",
        element("title", f"{one.name}, {what}: {_both(at)}"),
        cx=round(x.at(at[0]), 1), cy=round(y.at(at[1]), 1), r=RADIUS, class_=f"{look} {one.colour}",
    )  # fmt: skip


def _names(curves: Sequence[SeenUnseen]) -> Markup:
    names = [
        element(
            "span", element("i", class_=f"swatch back {one.colour}"), one.name,
            element("small", f" {percent(one.area)}"),
        )
        for one in curves
    ]  # fmt: skip
    return element("p", *names, class_="legend")
