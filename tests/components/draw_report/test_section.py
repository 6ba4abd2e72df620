from collections.abc import Sequence

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, element
from components.draw_report.section import Section


def content(data: ReportData) -> Sequence[Child]:
    return ["sharks & rays: ", element("b", str(len(data.models)))]


SECTION = Section("fish", "Fish <3", "All the fish & more", content)


def test_a_section_is_its_heading_and_what_its_data_give_under_its_anchor(
    data: ReportData,
) -> None:
    assert SECTION.draw(data).text == (
        '<section id="fish"><h2>All the fish &amp; more</h2>'
        f"sharks &amp; rays: <b>{len(data.models)}</b></section>"
    )


def test_the_contents_lead_to_it() -> None:
    assert SECTION.link().text == '<a href="#fish">Fish &lt;3</a>'
