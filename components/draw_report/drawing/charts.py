"""Line charts and histograms as inline SVG; colours come from the page's style.

Every line is named at its end; histograms are set side by side on one scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from components.draw_report.drawing.markup import Markup, element

WIDTH, HEIGHT = 360.0, 230.0
LEFT, TOP, BOTTOM = 42.0, 28.0, 38.0
CHARACTER = 5.6
"""Pixels of a character, on average; room for the lines' names is kept by it."""
WIDEST_NAME = 118.0
PANEL_WIDTH, PANEL_HEIGHT = 260.0, 150.0
PANEL_LEFT, PANEL_RIGHT, PANEL_TOP, PANEL_BOTTOM = 36.0, 4.0, 22.0, 32.0


@dataclass(frozen=True)
class Series:
    """One line.

    Attributes:
        name: Written at the line's end.
        colour: Classes of the page that colour it.
        points: (x, y).
        dashed: Whether the line is dashed.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


@dataclass(frozen=True)
class Axes:
    """What the axes measure.

    Attributes:
        x: Below the horizontal axis.
        y: Above the vertical axis, with its unit.
        as_percent: Whether y is a share, shown in per cent.
    """

    x: str
    y: str
    as_percent: bool = False


@dataclass(frozen=True)
class Scale:
    """A linear map of values from low to high onto pixels from start to end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def line_chart(
    title: str, series: Sequence[Series], axes: Axes, mark: tuple[float, str] | None = None
) -> Markup:
    """Draw lines over a common pair of axes.

    Args:
        title: Above the chart.
        series: At least one, with at least one point in all.
        axes: What is measured.
        mark: An x with a vertical line and what it says.
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


@dataclass(frozen=True)
class Histogram:
    """The shares of one model.

    Attributes:
        name: Of the model.
        colour: Classes of the page that colour the bars.
        shares: Of each category.
        remark: A figure that sums the bars up.
    """

    name: str
    colour: str
    shares: Sequence[float]
    remark: str


def histograms(
    panels: Sequence[Histogram], categories: Sequence[str], x_label: str, outlined: int
) -> Markup:
    """Draw one small histogram for each model, all on one scale.

    Args:
        panels: The models.
        categories: Under the bars.
        x_label: Below the axis.
        outlined: Number of the panel whose shares are drawn over the others as a line.
    """
    highest = max(share for panel in panels for share in panel.shares)
    ticks = nice_ticks(0.0, highest, 3)
    scale = Scale(0.0, ticks[-1], PANEL_HEIGHT - PANEL_BOTTOM, PANEL_TOP)
    drawn = []
    for number, panel in enumerate(panels):
        outline = [] if number == outlined else _outline(panels[outlined], categories, scale)
        parts = [*_panel_axes(scale, ticks, categories, x_label), *_bars(panel, categories, scale)]
        drawn.append(_panel_figure(panel, [*parts, *outline]))
    return element("div", *drawn, class_="panels")


def _panel_figure(panel: Histogram, parts: Sequence[Markup]) -> Markup:
    swatch = element("i", class_=f"swatch back {panel.colour}")
    caption = element("figcaption", swatch, panel.name, element("small", panel.remark))
    box = f"0 0 {PANEL_WIDTH:g} {PANEL_HEIGHT:g}"
    label = f"{panel.name}: {panel.remark}"
    return element(
        "figure", caption, element("svg", *parts, viewBox=box, role="img", aria_label=label)
    )


def _panel_axes(
    scale: Scale, ticks: Sequence[float], categories: Sequence[str], x_label: str
) -> list[Markup]:
    parts = [svg_text("share of images", 0, 10, "start")]
    for tick in ticks:
        height = round(scale.at(tick), 2)
        parts.append(
            element(
                "line",
                x1=PANEL_LEFT,
                x2=PANEL_WIDTH - PANEL_RIGHT,
                y1=height,
                y2=height,
                class_="grid",
            )
        )
        parts.append(svg_text(written(tick, True), PANEL_LEFT - 4, height + 3.5, "end"))
    width = _bar_width(categories)
    every = 1 if len(categories) <= 11 else 2
    for number, category in enumerate(categories):
        if number % every == 0 or not category.isdigit():
            middle = PANEL_LEFT + width * (number + 0.5)
            parts.append(svg_text(category, middle, PANEL_HEIGHT - PANEL_BOTTOM + 12, "middle"))
    return [*parts, svg_text(x_label, (PANEL_LEFT + PANEL_WIDTH) / 2, PANEL_HEIGHT - 4, "middle")]


def _bars(panel: Histogram, categories: Sequence[str], scale: Scale) -> list[Markup]:
    width = _bar_width(categories)
    return [
        element(
            "rect", element("title", f"{panel.name}, {category}: {percent(share)}"),
            x=round(PANEL_LEFT + width * (number + 0.1), 2), y=round(scale.at(share), 2),
            width=round(width * 0.8, 2), height=round(scale.at(0) - scale.at(share), 2),
            class_=f"fill {panel.colour}",
        )
        for number, (category, share) in enumerate(zip(categories, panel.shares, strict=True))
    ]  # fmt: skip


def _outline(panel: Histogram, categories: Sequence[str], scale: Scale) -> list[Markup]:
    width = _bar_width(categories)
    return [
        element(
            "line", x1=round(PANEL_LEFT + width * (number + 0.02), 2),
            x2=round(PANEL_LEFT + width * (number + 0.98), 2),
            y1=round(scale.at(share), 2), y2=round(scale.at(share), 2), class_="level",
        )
        for number, share in enumerate(panel.shares)
    ]  # fmt: skip


def _bar_width(categories: Sequence[str]) -> float:
    return (PANEL_WIDTH - PANEL_LEFT - PANEL_RIGHT) / len(categories)


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return round values that span low to high, at least two."""
    if high <= low:
        low, high = low - abs(low) * 0.1 - 1e-3, high + abs(high) * 0.1 + 1e-3
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def whole_ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Return a few whole numbers between low and high."""
    step = max(1, math.ceil((high - low) / about))
    return [float(tick) for tick in range(math.ceil(low), math.floor(high) + 1, step)]


def padded_range(low: float, high: float) -> tuple[float, float]:
    """Return a range that is not empty."""
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours are `gap` apart, in order, between low and high.

    Args:
        places: Where the texts would stand.
        gap: Smallest distance.
        low: Least place.
        high: Greatest place; given up only where there are too many texts.
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    moved = list(places)
    lowest = low
    for number in order:
        moved[number] = lowest = max(moved[number], lowest)
        lowest += gap
    highest = max(high, low + gap * (len(places) - 1))
    for number in reversed(order):
        moved[number] = highest = min(moved[number], highest)
        highest -= gap
    return moved


def percent(share: float) -> str:
    """Write a share in per cent, with one decimal."""
    return f"{100 * share:.1f} %"


def written(value: float, as_percent: bool, digits: int = 3) -> str:
    """Write a figure briefly, a share in per cent."""
    return f"{value * 100:.{digits}g} %" if as_percent else f"{value:.{digits}g}"
