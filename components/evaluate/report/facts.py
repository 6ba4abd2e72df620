"""Data, parameters and versions behind the figures, as the artifacts state them."""

from collections.abc import Mapping
from typing import Any

from components.evaluate.report.data import ReportData
from components.evaluate.report.labels import plain_table
from components.evaluate.report.markup import Markup, element

LONGEST_LIST = 60
"""Characters of a list that is written out."""


def facts_section(data: ReportData) -> Markup:
    """Show what the earlier stages recorded."""
    artifacts = data.artifacts
    training = artifacts.devise.get("training", {})
    model = {key: value for key, value in artifacts.devise.items() if key not in _NESTED}
    blocks = {
        "Images": _images(data),
        "Visual model": _flat(artifacts.visual),
        "DeViSE model": _flat({**model, **training}),
        "Label space": _flat(artifacts.label_space),
        "Evaluation": _flat(data.facts["parameters"]),
        "Versions": _flat(data.facts["versions"]),
    }
    tables = [
        element("div", element("h3", title), _definitions(facts)) for title, facts in blocks.items()
    ]
    return element(
        "section",
        element("h2", "Data, parameters, versions"),
        element("div", *tables, class_="columns"),
        id="facts",
    )


_NESTED = ("training", "visual")


def _images(data: ReportData) -> dict[str, str]:
    classes = data.artifacts.classes
    seen = classes["seen"].astype(bool)
    counts = {
        f"{name} {split} images": f"{int(classes[split][chosen].sum()):,}"
        for name, chosen in (("seen", seen), ("unseen", ~seen))
        for split in ("train", "validation", "test")
        if int(classes[split][chosen].sum())
    }
    numbers = {"seen classes": f"{int(seen.sum()):,}", "unseen classes": f"{int((~seen).sum()):,}"}
    return {**numbers, **counts, **_flat(data.artifacts.images)}


def _flat(facts: Mapping[str, Any]) -> dict[str, str]:
    """Write simple values and short lists out, and only count what is longer or nested."""
    written = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            continue
        written[name.replace("_", " ")] = _written(value)
    return written


def _written(value: Any) -> str:
    if isinstance(value, list):
        if any(isinstance(item, list | dict) for item in value):
            return f"{len(value):,} entries"
        text = ", ".join(_written(item) for item in value) or "none"
        return text if len(text) <= LONGEST_LIST else f"{len(value):,} entries"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None or value == "" else str(value)


def _definitions(facts: Mapping[str, str]) -> Markup:
    return plain_table(["", ""], list(facts.items()), "plain facts")
