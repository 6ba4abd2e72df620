import re
from collections.abc import Sequence

import pytest
from support.report import parsed

from components.draw_report.drawing.charts import (
    Axes,
    Histogram,
    Series,
    histograms,
    line_chart,
    nice_ticks,
    spread,
)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.03, 0.031), (2, 2), (0, 0), (-3, 17), (1e-6, 5e-6), (12, 12345)]
)
def test_ticks_are_few_and_span_the_values(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low <= high <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    assert ticks == sorted(set(ticks))


@pytest.mark.parametrize("points", [[(1, 0.5)], [(0, 0.0), (1, 0.0)], [(0, 1), (90, 3)]])
def test_a_line_is_drawn_inside_its_chart(points: Sequence[tuple[float, float]]) -> None:
    chart = line_chart(
        "loss", [Series("a <b>", "k-devise", points)], Axes("epoch", "nats"), mark=(1, "phase 2")
    )
    parsed(chart.text)
    assert "nan" not in chart.text
    assert "a &lt;b&gt;" in chart.text
    places = re.search(r'<polyline points="([^"]+)"', chart.text)
    assert places is not None
    numbers = [float(number) for number in re.split("[ ,]", places[1])]
    assert all(0 <= number <= 360 for number in numbers)


def test_bars_have_the_height_of_their_share() -> None:
    chart = histograms([Histogram("a", "k-devise", [1.0, 0.5], "right")], ["0", "1"], "hops", 0)
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', chart.text)]
    assert heights[1] == pytest.approx(heights[0] / 2, abs=0.1)


def test_names_at_the_ends_of_lines_do_not_overlap() -> None:
    moved = spread([50.0, 50.0, 20.0, 51.0], 10.0, 0.0, 60.0)
    assert moved[2] == 20.0
    assert sorted(moved) == [20.0, 40.0, 50.0, 60.0]
