"""The command that lists every parameter."""

import json

import click

from components.shared.settings.parameter import GROUPS
from pipeline.commands.options import examples


@click.command(epilog=examples("python pipeline.py parameters"))
def parameters() -> None:
    """List every parameter with its default."""
    for group, found in GROUPS.items():
        print(f"\n{group}")
        for parameter in found:
            print(f"  {parameter.name} = {json.dumps(parameter.default)}")
            print(f"      {parameter.description}")
