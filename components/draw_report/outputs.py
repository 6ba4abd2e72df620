"""What draw_report writes: the page, its summary and the table of confusions."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from components.draw_report.confusion import confusion_of, write_confusion
from components.draw_report.data import Inputs, read_report_data
from components.draw_report.markdown_summary import summary_markdown
from components.draw_report.page import report_page
from components.shared.settings.report import ReportSettings
from components.shared.storage.atomic import write_text


@dataclass(frozen=True)
class Outputs:
    """Files to write.

    Attributes:
        report: The page, HTML.
        summary: The report in brief, Markdown.
        confusion: The table of confusions, JSON.
    """

    report: Path
    summary: Path
    confusion: Path


def write_report(
    settings: ReportSettings,
    inputs: Inputs,
    outputs: Outputs,
    run_facts: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, float]:
    """Draw the report from the artifacts of earlier stages.

    Args:
        settings: The stage's parameters.
        inputs: The artifacts.
        outputs: Files to write.
        run_facts: Of the run around it: code_version, mlflow_run_id, stage_seconds.

    Returns:
        The page's size.

    Raises:
        ValueError: An artifact is not whole, or the evaluation is of other images.
    """
    data = read_report_data(settings, inputs, run_facts)
    confusion = confusion_of(data)
    write_confusion(confusion, outputs.confusion)
    write_text(outputs.summary, summary_markdown(data, confusion))
    page = report_page(data)
    write_text(outputs.report, page)
    return {"report_megabytes": len(page.encode()) / 1e6}
