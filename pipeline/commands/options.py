"""Options that several commands share, and how a command's help shows its examples."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from components.shared.settings.presets import PRESETS

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


def examples(*lines: str) -> str:
    """The end of a command's help: commands that can be pasted, in lines that stay as they are."""
    return "\b\nexamples:\n" + "\n".join(f"  {line}" for line in lines)


def together(*options: Decorator) -> Decorator:
    """One decorator that gives a command several options, shown in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def numbers(_context: click.Context, option: click.Parameter, text: str | None) -> list[int] | None:
    """Read a list of numbers, for options such as --seeds; None where it was not given."""
    if text is None:
        return None
    if not all(part.strip().isdecimal() for part in text.split(",")):
        what = (option.name or "").rpartition("_")[2]
        raise click.BadParameter(f"{text!r} is no list of {what} such as 0,1,2")
    return [int(part) for part in text.split(",")]


def _with_files(
    _context: click.Context, _option: click.Parameter, given: Sequence[str]
) -> tuple[str, ...]:
    """Each `name=value` as it is, and in place of each `@FILE` those of the file."""
    return tuple(text for one in given for text in (_of_file(one[1:]) if one[:1] == "@" else [one]))


def _of_file(name: str) -> list[str]:
    import yaml

    try:
        content = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise click.BadParameter(f"{name} cannot be read as YAML: name another file.") from error
    if not isinstance(content, dict):
        raise click.BadParameter(f"{name} holds no settings: write a line 'name: value' for each.")
    return settings_texts(content)


def settings_texts(settings: Mapping[str, Any]) -> list[str]:
    """Settings as `name=value`, the form that --set takes."""
    return [
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in settings.items()
    ]


takes_settings = click.option(
    "--set",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_with_files,
    help="A parameter over the preset's, as often as needed; lists as JSON or separated by "
    "commas. @FILE: all those of a YAML file, such as a sweep's best.yaml.",
)
takes_values = together(
    click.option(
        "--preset", type=click.Choice(list(PRESETS)), default="quickstart", help="Parameter set."
    ),
    takes_settings,
)
takes_image_names = together(
    click.option("--registry", default="", help="Of the stages' images, such as ghcr.io/team."),
    click.option(
        "--tag", default="", help="Of the stages' images; without it a hash of what each holds."
    ),
)
