"""Line charts as inline SVG, each line named at its end; colours come from the page's style."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.draw_report.drawing.markup import Markup, element
from components.draw_report.drawing.scales import (
    Scale,
    nice_ticks,
    padded_range,
    spread,
    whole_ticks,
    written,
)

WIDTH, HEIGHT = 360.0, 230.0
LEFT, TOP, BOTTOM = 42.0, 28.0, 38.0
CHARACTER = 5.6
"""Pixels of a character, on average; room for the lines' names is kept by it."""
WIDEST_NAME = 118.0


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        name: written at the line's end.
        colour: classes of the page that colour it.
        points: (x, y).
        dashed: whether the line is dashed.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True)
class Axes:
    """What the axes measure.

    Attributes:
        x: below the horizontal axis.
        y: above the vertical axis, with its unit.
        as_percent: whether y is a share, shown in per cent.
    """

    x: str
    y: str
    as_percent: bool = False


def line_chart(
    title: str, series: Sequence[Series], axes: Axes, mark: tuple[float, str] | None = None
) -> Markup:
    """Draw lines over a common pair of axes.

    Args:
        title: above the chart.
        series: at least one, with at least one point in all.
        axes: what is measured.
        mark: an x with a vertical line and what it says.
    """
    right = WIDTH - _room_for_names(series)
    values = [point for one in series for point in one.points]
    low, high = min(x for x, _ in values), max(x for x, _ in values)
    x = Scale(*padded_range(low, high), LEFT, right)
    ticks = nice_ticks(min(y for _, y in values), max(y for _, y in values))
    y = Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [*_y_axis(y, ticks, axes, right), *_x_axis(x, axes)]
    parts += _mark(x, mark) if mark else []
    parts += [part for one in series for part in _line(one, x, y, axes)]
    return _figure(title, [*parts, *_names(series, x, y)])


def svg_text(text: str, x: float, y: float, anchor: str, class_: str | None = None) -> Markup:
    """Return a text in a drawing."""
    return element("text", text, x=round(x, 1), y=round(y, 1), text_anchor=anchor, class_=class_)


def _figure(title: str, parts: Sequence[Markup]) -> Markup:
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    drawing = element("svg", *parts, viewBox=box, role="img", aria_label=title)
    return element("figure", element("figcaption", title), drawing, class_="chart")


def _room_for_names(series: Sequence[Series]) -> float:
    return min(WIDEST_NAME, 14 + CHARACTER * max(len(one.name) for one in series))


def _y_axis(y: Scale, ticks: Sequence[float], axes: Axes, right: float) -> list[Markup]:
    parts = [svg_text(axes.y, 0, 11, "start")]
    for tick in ticks:
        height = round(y.at(tick), 2)
        parts.append(element("line", x1=LEFT, x2=right, y1=height, y2=height, class_="grid"))
        parts.append(svg_text(written(tick, axes.as_percent), LEFT - 5, height + 3.5, "end"))
    return parts


def _x_axis(x: Scale, axes: Axes) -> list[Markup]:
    under = HEIGHT - BOTTOM + 14
    ticks = whole_ticks(x.low, x.high)
    texts = [svg_text(f"{tick:g}", x.at(tick), under, "middle") for tick in ticks]
    return [*texts, svg_text(axes.x, (x.start + x.end) / 2, HEIGHT - 4, "middle")]


def _mark(x: Scale, mark: tuple[float, str]) -> list[Markup]:
    place = round(x.at(mark[0]), 1)
    line = element("line", x1=place, x2=place, y1=TOP, y2=HEIGHT - BOTTOM, class_="mark")
    return [line, svg_text(mark[1], place, TOP - 4, "middle")]


def _line(one: Series, x: Scale, y: Scale, axes: Axes) -> list[Markup]:
    points = [(x.at(px), y.at(py)) for px, py in one.points]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    style = f"series {one.colour}{' dashed' if one.dashed else ''}"
    dots = [
        element(
            "circle",
            element("title", f"{one.name}, {at:g}: {written(value, axes.as_percent, 4)}"),
            cx=round(px, 1), cy=round(py, 1), r=2.2, class_=f"fill {one.colour}",
        )
        for (px, py), (at, value) in zip(points, one.points, strict=True)
    ]  # fmt: skip
    return [element("polyline", points=path, class_=style), *dots]


def _names(series: Sequence[Series], x: Scale, y: Scale) -> list[Markup]:
    ends = [one.points[-1] for one in series]
    heights = spread([y.at(value) for _, value in ends], 11.5, TOP, HEIGHT - BOTTOM)
    return [
        svg_text(one.name, x.end + 7, height + 3.5, "start", f"name {one.colour}")
        for one, height in zip(series, heights, strict=True)
    ]
