"""Line and bar charts as inline SVG; colours come from the page's style, by the series' name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from components.evaluate.report.markup import Markup, element

WIDTH, HEIGHT = 360.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 42.0, 10.0, 16.0, 38.0


@dataclass(frozen=True)
class Series:
    """One line, or the bars of one model.

    Attributes:
        name: for the legend.
        colour: name of a colour of the page.
        points: (x, y).
        dashed: whether the line is dashed.
    """

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


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
    title: str,
    series: Sequence[Series],
    x_label: str,
    percent: bool = False,
    mark: tuple[float, str] | None = None,
) -> Markup:
    """Draw lines over a common pair of axes, with a legend below.

    Args:
        title: above the chart.
        series: at least one, with at least one point in all.
        x_label: below the axis.
        percent: whether y is a share, shown in per cent.
        mark: an x with a vertical line and what it says.
    """
    points = [point for one in series for point in one.points]
    x = Scale(*_padded_range([px for px, _ in points]), LEFT, WIDTH - RIGHT)
    ticks = nice_ticks(min(py for _, py in points), max(py for _, py in points))
    y = Scale(ticks[0], ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [*_y_axis(y, ticks, percent), *_x_axis(x, _whole_ticks(x.low, x.high), x_label)]
    parts += _mark(x, mark) if mark else []
    parts += [part for one in series for part in _line(one, x, y, percent)]
    return _figure(title, parts, series)


def bar_chart(title: str, series: Sequence[Series], categories: Sequence[str]) -> Markup:
    """Draw shares as groups of bars, a group a category, with a legend below.

    Args:
        title: above the chart.
        series: their points are (index of the category, share).
        categories: under the groups.
    """
    highest = max((share for one in series for _, share in one.points), default=0.0)
    ticks = nice_ticks(0.0, highest)
    y = Scale(0.0, ticks[-1], HEIGHT - BOTTOM, TOP)
    group = (WIDTH - LEFT - RIGHT) / len(categories)
    parts = _y_axis(y, ticks, percent=True)
    for number, category in enumerate(categories):
        middle = LEFT + group * (number + 0.5)
        parts.append(_text(category, middle, HEIGHT - BOTTOM + 14, "middle"))
    for place, one in enumerate(series):
        parts += _bars(one, place, len(series), group, categories, y)
    parts.append(_text("hops from the true label", WIDTH / 2, HEIGHT - 3, "middle"))
    return _figure(title, parts, series)


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return round values that span low to high, at least two."""
    if high <= low:
        low, high = low - abs(low) * 0.1 - 1e-3, high + abs(high) * 0.1 + 1e-3
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def legend(series: Sequence[Series]) -> Markup:
    """Name the colours."""
    entries = [
        element(
            "span",
            element("i", class_=f"swatch c-{one.colour}{' dashed' if one.dashed else ''}"),
            one.name,
        )
        for one in series
    ]
    return element("div", *entries, class_="legend")


def _figure(title: str, parts: Sequence[Markup], series: Sequence[Series]) -> Markup:
    drawing = element(
        "svg", *parts, viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}", role="img", aria_label=title
    )
    caption = element("figcaption", title)
    return element("figure", caption, drawing, legend(series), class_="chart")


def _padded_range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _whole_ticks(low: float, high: float) -> list[float]:
    step = max(1, math.ceil((high - low) / 6))
    return [float(tick) for tick in range(math.ceil(low), math.floor(high) + 1, step)]


def _y_axis(y: Scale, ticks: Sequence[float], percent: bool) -> list[Markup]:
    parts = []
    for tick in ticks:
        height = y.at(tick)
        parts.append(
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height, class_="grid")
        )
        parts.append(_text(_written(tick, percent), LEFT - 5, height + 3.5, "end"))
    return parts


def _x_axis(x: Scale, ticks: Sequence[float], label: str) -> list[Markup]:
    under = HEIGHT - BOTTOM + 14
    return [
        *(_text(f"{tick:g}", x.at(tick), under, "middle") for tick in ticks),
        _text(label, WIDTH / 2, HEIGHT - 3, "middle"),
    ]


def _mark(x: Scale, mark: tuple[float, str]) -> list[Markup]:
    place = x.at(mark[0])
    line = element("line", x1=place, x2=place, y1=TOP, y2=HEIGHT - BOTTOM, class_="mark")
    beside, anchor = (4, "start") if place < 0.75 * WIDTH else (-4, "end")
    return [line, _text(mark[1], place + beside, TOP - 4, anchor)]


def _line(one: Series, x: Scale, y: Scale, percent: bool) -> list[Markup]:
    points = [(x.at(px), y.at(py)) for px, py in one.points]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    style = f"s-{one.colour}{' dashed' if one.dashed else ''}"
    line = element("polyline", points=path, class_=f"series {style}")
    dots = [
        element(
            "circle",
            element("title", f"{one.name}, {value[0]:g}: {_written(value[1], percent, 4)}"),
            cx=round(px, 1), cy=round(py, 1), r=2.2, class_=f"dot f-{one.colour}",
        )
        for (px, py), value in zip(points, one.points, strict=True)
    ]  # fmt: skip
    return [line, *dots]


def _bars(
    one: Series, place: int, of: int, group: float, categories: Sequence[str], y: Scale
) -> list[Markup]:
    width = group * 0.8 / of
    bars = []
    for category, share in one.points:
        left = LEFT + group * (category + 0.1) + width * place
        text = f"{one.name}, {categories[int(category)]} hops: {share:.1%}"
        height = y.at(0) - y.at(share)
        bars.append(
            element(
                "rect", element("title", text), x=round(left, 2), y=round(y.at(share), 2),
                width=round(max(width - 0.6, 0.5), 2), height=round(height, 2),
                class_=f"f-{one.colour}",
            )
        )  # fmt: skip
    return bars


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return element("text", text, x=round(x, 1), y=round(y, 1), text_anchor=anchor)


def _written(value: float, percent: bool, digits: int = 3) -> str:
    return f"{value * 100:.{digits}g} %" if percent else f"{value:.{digits}g}"
