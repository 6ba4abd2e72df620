from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import element
from components.draw_report.model_row import model_row


def test_a_row_names_its_model_before_the_cells(data: ReportData) -> None:
    row = model_row(data, "devise", [element("td", "1.5"), element("td", "–")]).text
    assert row.startswith("<tr><th")
    assert 'title="devise"' in row
    assert "DeViSE</th><td>1.5</td><td>–</td></tr>" in row


def test_the_row_of_chance_is_told_from_those_of_models(data: ReportData) -> None:
    assert model_row(data, "chance", []).text.startswith('<tr class="chance">')
