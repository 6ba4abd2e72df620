"""Small histograms of shares as inline SVG, to be set side by side on one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.draw_report.drawing.charts import svg_text
from components.draw_report.drawing.markup import Markup, element
from components.draw_report.drawing.scales import Scale, nice_ticks, percent, written

WIDTH, HEIGHT = 260.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 36.0, 4.0, 22.0, 32.0


@dataclass(frozen=True)
class Histogram:
    """The shares of one model.

    Attributes:
        name: of the model.
        colour: classes of the page that colour the bars.
        shares: of each category.
        remark: a figure that sums the bars up.
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
        panels: the models.
        categories: under the bars.
        x_label: below the axis.
        outlined: number of the panel whose shares are drawn over the others as a line.
    """
    highest = max(share for panel in panels for share in panel.shares)
    ticks = nice_ticks(0.0, highest, 3)
    scale = Scale(0.0, ticks[-1], HEIGHT - BOTTOM, TOP)
    drawn = []
    for number, panel in enumerate(panels):
        outline = [] if number == outlined else _outline(panels[outlined], categories, scale)
        parts = [*_axes(scale, ticks, categories, x_label), *_bars(panel, categories, scale)]
        drawn.append(_figure(panel, [*parts, *outline]))
    return element("div", *drawn, class_="panels")


def _figure(panel: Histogram, parts: Sequence[Markup]) -> Markup:
    swatch = element("i", class_=f"swatch back {panel.colour}")
    caption = element("figcaption", swatch, panel.name, element("small", panel.remark))
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    label = f"{panel.name}: {panel.remark}"
    return element(
        "figure", caption, element("svg", *parts, viewBox=box, role="img", aria_label=label)
    )


def _axes(
    scale: Scale, ticks: Sequence[float], categories: Sequence[str], x_label: str
) -> list[Markup]:
    parts = [svg_text("share of images", 0, 10, "start")]
    for tick in ticks:
        height = round(scale.at(tick), 2)
        parts.append(
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=height, y2=height, class_="grid")
        )
        parts.append(svg_text(written(tick, True), LEFT - 4, height + 3.5, "end"))
    width = _bar_width(categories)
    every = 1 if len(categories) <= 11 else 2
    for number, category in enumerate(categories):
        if number % every == 0 or not category.isdigit():
            middle = LEFT + width * (number + 0.5)
            parts.append(svg_text(category, middle, HEIGHT - BOTTOM + 12, "middle"))
    return [*parts, svg_text(x_label, (LEFT + WIDTH) / 2, HEIGHT - 4, "middle")]


def _bars(panel: Histogram, categories: Sequence[str], scale: Scale) -> list[Markup]:
    width = _bar_width(categories)
    return [
        element(
            "rect", element("title", f"{panel.name}, {category}: {percent(share)}"),
            x=round(LEFT + width * (number + 0.1), 2), y=round(scale.at(share), 2),
            width=round(width * 0.8, 2), height=round(scale.at(0) - scale.at(share), 2),
            class_=f"fill {panel.colour}",
        )
        for number, (category, share) in enumerate(zip(categories, panel.shares, strict=True))
    ]  # fmt: skip


def _outline(panel: Histogram, categories: Sequence[str], scale: Scale) -> list[Markup]:
    width = _bar_width(categories)
    return [
        element(
            "line", x1=round(LEFT + width * (number + 0.02), 2),
            x2=round(LEFT + width * (number + 0.98), 2),
            y1=round(scale.at(share), 2), y2=round(scale.at(share), 2), class_="level",
        )
        for number, share in enumerate(panel.shares)
    ]  # fmt: skip


def _bar_width(categories: Sequence[str]) -> float:
    return (WIDTH - LEFT - RIGHT) / len(categories)
