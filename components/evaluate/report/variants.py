"""What sets the variants apart from the main model, and which of them were shown the hierarchy."""

from components.evaluate.report.data import ReportData
from components.evaluate.report.markup import Markup, element
from components.evaluate.report.names import name_of
from components.evaluate.report.plain_table import plain_table
from components.shared.settings.variants import Variant, parse_variant

READ_THE_HIERARCHY = ("labels_retrofitting", "devise_soft_label_share")


def variants_part(data: ReportData) -> list[Markup]:
    """Show each variant's settings; nothing where the run has no variants."""
    variants = [parse_variant(text) for text in data.facts["parameters"]["variants"]]
    if not variants:
        return []
    rows = [[name_of(variant.name), _settings(variant)] for variant in variants]
    heading = element("h3", "What the variants change")
    return [heading, *_hierarchy_note(variants), plain_table(["", ""], rows, "plain settings")]


def _settings(variant: Variant) -> str:
    settings = (f"{name} = {value}" for name, value in variant.settings.items())
    return ", ".join(settings) or "nothing: the main model once more"


def _hierarchy_note(variants: list[Variant]) -> list[Markup]:
    """Say whose precision is no independent measure, because training had read the hierarchy."""
    named = [name_of(v.name) for v in variants if set(READ_THE_HIERARCHY) & set(v.settings)]
    if not named:
        return []
    text = (
        f"{' and '.join(named)}: training read the hierarchy that hierarchical precision is "
        "measured on. There precision shows how well it was learned; what text alone teaches, the "
        "other rows show. Zero-shot hits are measured without it."
    )
    return [element("p", text, class_="note")]
