import re

from support.report import parsed

from components.draw_report.drawing.curves import SeenUnseen, curves_chart

POINTS = [(0.5, 0.0), (0.4, 0.3), (0.0, 0.6)]
ONE = SeenUnseen("a <b>", "k-devise", POINTS, 0.19, plain=(0.5, 0.1), chosen=(0.4, 0.3))
OTHER = SeenUnseen("other", "k-conse", [(0.2, 0.0), (0.0, 0.2)], 0.02, plain=(0.2, 0.0))


def test_lines_and_marks_lie_inside_and_names_are_escaped() -> None:
    chart = curves_chart("Seen and unseen", [ONE, OTHER]).text
    parsed(chart)
    assert "a <b>" not in chart
    places = re.findall(r'points="([^"]+)"', chart) + re.findall(r'c[xy]="([^"]+)"', chart)
    numbers = [float(number) for place in places for number in re.split("[ ,]", place)]
    assert all(0 <= number <= 480 for number in numbers)


def test_a_mark_stands_where_its_share_of_seen_and_of_unseen_is() -> None:
    chart = curves_chart("Seen and unseen", [ONE, OTHER]).text
    (line, _) = re.findall(r'<polyline points="([^"]+)"', chart)
    at = re.search(r'cx="([^"]+)" cy="([^"]+)" r="[^"]+" class="fill', chart)
    assert at is not None
    second = line.split()[1].split(",")
    assert [float(number) for number in at.groups()] == [float(number) for number in second]
    assert chart.count('class="ring ') == 2


def test_what_is_drawn_is_said_too() -> None:
    chart = curves_chart("Seen and unseen", [ONE, OTHER]).text
    said = re.search('aria-label="([^"]+)"', chart)
    assert said is not None
    assert "other: 20.0 % of seen and 0.0 % of unseen without a penalty, area 2.0 %." in said[1]
    assert "40.0 % of seen and 30.0 % of unseen with the penalty chosen, area 19.0 %" in said[1]
    assert "<small> 2.0 %</small>" in chart
