"""Options that several commands share, and how a command's help shows its examples."""

from collections.abc import Callable
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


takes_values = together(
    click.option(
        "--preset", type=click.Choice(list(PRESETS)), default="quickstart", help="Parameter set."
    ),
    click.option(
        "--set",
        multiple=True,
        metavar="NAME=VALUE",
        help="A parameter over the preset's, as often as needed; lists as JSON or separated by "
        "commas.",
    ),
)
takes_image_names = together(
    click.option("--registry", default="", help="Of the stages' images, such as ghcr.io/team."),
    click.option(
        "--tag", default="", help="Of the stages' images; without it a hash of what each holds."
    ),
)
