"""A row of a table whose columns say something of a model."""

from collections.abc import Iterable

from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Markup, element
from components.shared.artifacts.evaluation import CHANCE
from components.shared.artifacts.model_names import name_of


def model_row(data: ReportData, model: str, cells: Iterable[Markup]) -> Markup:
    """Return the row of a model, or of chance: its colour and name, then the cells.

    Args:
        data: Whose models share the colours.
        model: Its name in the figures.
        cells: One a column.
    """
    swatch = element("i", class_=f"swatch back {colour_of(model, data.models)}")
    name = element("th", swatch, name_of(model), scope="row", title=model)
    return element("tr", name, *cells, class_=CHANCE if model == CHANCE else None)
