"""What sets the variants apart from the main model, and which of them were shown the hierarchy."""

from collections.abc import Mapping

from components.draw_report.data import ReportData, variant_settings
from components.draw_report.drawing.markup import Markup, element
from components.draw_report.drawing.plain_table import plain_table
from components.draw_report.names import name_of

READ_THE_HIERARCHY = ("labels_retrofitting", "devise_soft_label_share")


def variants_part(data: ReportData) -> list[Markup]:
    """Show each variant's settings; nothing where the run has no variants."""
    variants = variant_settings(data.facts)
    if not variants:
        return []
    rows = [[name_of(name), _written(settings)] for name, settings in variants.items()]
    heading = element("h3", "What the variants change")
    return [heading, *_hierarchy_note(variants), plain_table(["", ""], rows, "plain settings")]


def _written(settings: Mapping[str, str]) -> str:
    texts = (f"{name} = {value}" for name, value in settings.items())
    return ", ".join(texts) or "nothing: the main model once more"


def _hierarchy_note(variants: Mapping[str, Mapping[str, str]]) -> list[Markup]:
    """Say whose precision is no independent measure, because training had read the hierarchy."""
    told = set(READ_THE_HIERARCHY)
    named = [name_of(name) for name, settings in variants.items() if told & set(settings)]
    if not named:
        return []
    text = (
        f"{' and '.join(named)}: training read the hierarchy that hierarchical precision is "
        "measured on. There precision shows how well it was learned; what text alone teaches, the "
        "other rows show. Zero-shot hits are measured without it."
    )
    return [element("p", text, class_="note")]
