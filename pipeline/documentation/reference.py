"""The reference: parameters, presets, metrics, files and commands, as the code has them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from components.shared import markdown
from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN_AMONG
from components.shared.artifacts.evaluation import (
    CHANCE,
    CONFIDENCE_FILE,
    CONSE,
    CONTAMINATED,
    CONTINUED,
    CURVES_FILE,
    DEVISE,
    METRICS_FILE,
    PREDICTIONS_FILE,
    RANDOM,
    SOFTMAX,
    WITHOUT_VECTOR,
)
from components.shared.ranking.metrics import (
    AUSUC,
    FLAT_HIT,
    HARMONIC_MEAN,
    HIERARCHICAL_PRECISION,
    KS,
    PER_CLASS_HIT,
)
from components.shared.settings.parameter import choices
from components.shared.settings.presets import FIELDS, PRESETS
from components.shared.settings.table import GROUPS, PARAMETERS, Parameter

LONGEST = 60
"""Characters of a value that a table shows."""
WIDTH = 80
"""Characters of a line of a command's help."""


def parameters_page() -> str:
    """Every parameter by its group, and what each preset sets."""
    settable = {parameter.group for parameter in PARAMETERS.values()}
    groups = [
        _group(group, model.__doc__ or "") for group, model in GROUPS.items() if group in settable
    ]
    return "\n\n".join(
        [
            "# Parameters",
            "Each is set as `--set name=value`, in a preset, in a variant, or in the run form's "
            f"`settings`; the form has fields of their own for {_codes(FIELDS)}. "
            "`python pipeline.py parameters` prints the same list.",
            *groups,
            "## Presets",
            "What `--preset` sets over the defaults.",
            _presets(),
        ]
    )


def _group(group: str, about: str) -> str:
    own = [one for one in PARAMETERS.values() if one.group == group]
    rows = [[f"`{one.name}`", _default(one), one.description] for one in own]
    return f"## {group}\n\n{about}\n\n{table(['parameter', 'default', 'meaning'], rows)}"


def _default(parameter: Parameter) -> str:
    others = [f"`{one}`" for one in choices(parameter.info) if one != parameter.default]
    default = f"`{_short(parameter.default)}`"
    return f"{default}, or {', '.join(others)}" if others else default


def _presets() -> str:
    names = [name for name in PARAMETERS if any(name in preset for preset in PRESETS.values())]
    rows = [
        [f"`{name}`", *(_set_to(preset, name) for preset in PRESETS.values())] for name in names
    ]
    return table(["parameter", *PRESETS], rows)


def _set_to(preset: Mapping[str, object], name: str) -> str:
    return f"`{_short(preset[name])}`" if name in preset else ""


def metrics_page() -> str:
    """The names in metrics.json and confidence.json."""
    models = {
        SOFTMAX: "the classifier",
        CONTINUED: "the classifier, trained for as many more epochs as DeViSE's phase 2",
        DEVISE: "DeViSE; a variant by the name that `devise_variants` gives it",
        RANDOM: "DeViSE on vectors drawn at random",
        CONSE: "ConSE over DeViSE's vectors; over a variant's own, with its name's end",
        CHANCE: "labels drawn at random",
    }
    figures = (
        [
            [f"`{FLAT_HIT}{k}`", f"hit@{k}: share of images whose label is among the first {k}"]
            for k in KS
        ]
        + [[f"`{PER_CLASS_HIT}{k}`", f"mean over classes of their hit@{k}"] for k in KS]
        + [
            [f"`{HIERARCHICAL_PRECISION}{k}`", f"share of the first {k} labels near the true one"]
            for k in KS
        ]
    )
    counts = [["`images`", "images tested"], ["`classes`", "classes with images"]]
    balance = [
        [
            f"`<set>{PLUS_SEEN}/{HARMONIC_MEAN}`",
            f"harmonic mean of `{PER_CLASS_HIT}1` there and in `{SEEN_AMONG}<set>`",
        ],
        [
            f"`<set>/{AUSUC}`",
            "area below the curve of the one over the other, through every penalty on the scores "
            f"of the seen labels; the curve stands in `{CURVES_FILE}`",
        ],
    ]
    return "\n\n".join(
        [
            "# Metrics",
            f"A figure of `{METRICS_FILE}` is named `<model>/<candidates>/<figure>`, such as "
            f"`{DEVISE}/seen/{FLAT_HIT}1`, a share from 0 to 1. `<candidates>` is `seen`, or a "
            f"zero-shot set alone, or with `{PLUS_SEEN}`, or `{SEEN_AMONG}` and the set: images of "
            "seen classes among the labels of both. "
            "[The method](method.md#how-it-is-measured) explains them.",
            table(["model", "what it is"], [[f"`{name}`", what] for name, what in models.items()]),
            table(
                ["figure", "what it is"],
                [*figures, *counts, *balance],
            ),
            f"`..._phase_1` is a model before phase 2. `{WITHOUT_VECTOR}` counts labels without a "
            f"vector; `{CONTAMINATED}` is there where the network's weights had seen zero-shot "
            "classes.",
            f"`{CONFIDENCE_FILE}` has under `intervals` the 95 % bootstrap intervals of "
            "hits and precisions, under `units` what was drawn for each (`images` or `classes`), "
            "under `claims` those that were listed before the run, and under `paired` the tests "
            "`<model>_vs_<baseline>/<candidates>/<figure>`. "
            f"`{PREDICTIONS_FILE}` has the rankings that all of it is made from.",
        ]
    )


def commands_page(program: click.Group) -> str:
    """What `--help` says of every command."""
    parts = ["# Commands", f"`python {program.name} COMMAND --help` prints the same."]
    context = click.Context(program, info_name=program.name, **_settings(program))
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if command:
            own = click.Context(command, info_name=name, parent=context)
            parts += [f"## {name}", f"```\n{command.get_help(own)}\n```"]
    return "\n\n".join(parts)


def _settings(program: click.Group) -> dict[str, Any]:
    """The program's own, in lines that a page shows whole."""
    return {**program.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, whatever its cells hold."""
    lines = [list(map(_cell, row)) for row in rows]
    return markdown.table(list(map(_cell, head)), lines, names=len(head))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
