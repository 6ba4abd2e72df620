"""How good the word vectors are by themselves, where an earlier stage measured it."""

from collections.abc import Mapping
from typing import Any

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, element
from components.draw_report.drawing.plain_table import plain_table

FIELD = "quality"


def vector_quality(data: ReportData) -> list[Child]:
    """Return a table of the figures under `quality` of the label space; nothing without them."""
    quality = data.artifacts.label_space.get(FIELD)
    if not quality:
        return []
    rows = [[name, figure] for name, figure in _lines("", quality)]
    return [element("h3", "Quality of the word vectors"), plain_table(["Figure", "value"], rows)]


def _lines(prefix: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for name, value in facts.items():
        title = f"{prefix}{name}".replace("_", " ")
        if isinstance(value, Mapping):
            lines += _lines(f"{title}: ", value)
        elif isinstance(value, list):
            lines.append((title, ", ".join(_first(item) for item in value)))
        else:
            lines.append((title, f"{value:.3g}" if isinstance(value, float) else str(value)))
    return lines


def _first(item: Any) -> str:
    """Return a neighbour's term, whether it comes with its cosine or alone."""
    return str(item[0] if isinstance(item, list) else item).replace("_", " ")
