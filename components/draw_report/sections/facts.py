"""Data, parameters and versions behind the figures, as the artifacts state them."""

from collections.abc import Mapping
from typing import Any

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.run_facts import run_facts
from components.draw_report.section import Section
from components.shared.artifacts.model_names import name_of

LONGEST_LIST = 60
"""Characters of a list that is written out."""


def facts_section(data: ReportData) -> list[Child]:
    """Show what the earlier stages recorded."""
    artifacts = data.artifacts
    blocks = {
        "Run": {**run_facts(data.facts), **_flat(_ids(data))},
        "Time of the stages, seconds": _flat(data.facts.get("stage_seconds", {})),
        "Images": _images(data),
        "Visual model": _flat(artifacts.visual),
        "DeViSE model": _model(artifacts.devise),
        **{name_of(name): _model(config) for name, config in artifacts.variants.items()},
        "Label space": _flat(artifacts.label_space),
        "Evaluation": _flat(_evaluation(data)),
        "Packages": _flat(data.facts["versions"]),
    }
    tables = [
        element("div", element("h3", title), _definitions(facts))
        for title, facts in blocks.items()
        if facts
    ]
    return [
        element("div", *tables, class_="columns"),
    ]


_RUN = ("mlflow_run_id", "kfp_run_id", "code_version")
"""Facts of the evaluation by which the run is found again, where they were recorded."""


def _ids(data: ReportData) -> dict[str, Any]:
    return {name: data.facts[name] for name in _RUN if data.facts.get(name)}


def _model(config: Mapping[str, Any]) -> dict[str, str]:
    """Write a DeViSE model's facts out, those of its training among them."""
    own = {key: value for key, value in config.items() if key not in ("training", "visual")}
    return _flat({**own, **config.get("training", {})})


def _evaluation(data: ReportData) -> dict[str, Any]:
    """Leave out the variants' settings, which stand below the tables."""
    settings = {**data.facts["parameters"], "gallery_images": data.gallery_images}
    return {name: value for name, value in settings.items() if name != "variants"}


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
    """Write simple values and short lists out, and only count what is longer."""
    written: dict[str, str] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            written |= {f"{name.replace('_', ' ')}: {k}": v for k, v in _simple(value).items()}
        else:
            written[name.replace("_", " ")] = _written(value)
    return written


def _simple(facts: Mapping[str, Any]) -> dict[str, str]:
    """Write a nested table out where it holds single values only."""
    if any(isinstance(value, Mapping | list | tuple) for value in facts.values()):
        return {}
    return {str(name): _written(value) for name, value in facts.items()}


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        if any(isinstance(item, list | tuple | dict) for item in value):
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


SECTION = Section("facts", "Data", "Data, parameters, versions", facts_section)
