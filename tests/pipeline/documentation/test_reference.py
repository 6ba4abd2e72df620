import re

import click

from components.shared.settings.presets import PRESETS
from components.shared.settings.table import PARAMETERS
from pipeline.cli import COMMANDS, command_line
from pipeline.documentation.reference import commands_page, metrics_page, parameters_page, table


def test_every_parameter_has_a_row_with_its_default_and_its_choices() -> None:
    page = parameters_page()
    for name in PARAMETERS:
        assert f"\n| `{name}` | " in page
    assert '| `devise_loss` | `"rank"`, or `l2`, `cross_entropy` | Hinge rank loss' in page


def test_a_preset_shows_what_it_sets_and_nothing_else() -> None:
    rows = parameters_page().partition("## Presets")[2].splitlines()
    (row,) = [row for row in rows if row.startswith("| `skipgram_dim` |")]
    assert row.split(" | ")[1:] == ["`64`", "`300`", "", " |"]
    assert set(PRESETS) <= set(next(row for row in rows if row.startswith("| parameter")).split())


def test_metrics_have_the_names_of_the_file() -> None:
    page = metrics_page()
    assert "| `softmax_continued` |" in page
    assert "| `flat_hit_at_20` |" in page
    assert "| `hierarchical_precision_at_5` |" in page


def test_every_command_is_shown_with_its_options() -> None:
    page = commands_page(command_line)
    for command in COMMANDS:
        assert f"\n## {command.name}\n" in page
    assert "Usage: pipeline.py predict [OPTIONS] IMAGE..." in page
    assert re.search(r"--top INTEGER RANGE +Labels for each image\.  \[default: 5; x>=1\]", page)


def test_a_command_is_added_to_the_page_by_being_there() -> None:
    program = click.Group("tool", {"mend": click.Command("mend", help="Mend it.")})
    assert "## mend\n\n```\nUsage: tool mend [OPTIONS]\n\n  Mend it." in commands_page(program)


def test_a_cell_keeps_to_its_place() -> None:
    assert table(["a"], [["x | y\nz"]]) == "| a |\n| --- |\n| x \\| y z |"
