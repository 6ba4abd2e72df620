"""The command that lists every parameter."""

import json

import click

from components.shared.settings.table import GROUPS, PARAMETERS
from pipeline.commands.options import examples


@click.command(epilog=examples("python pipeline.py parameters"))
def parameters() -> None:
    """List every parameter with its default."""
    for group in GROUPS:
        print(f"\n{group}")
        for parameter in (one for one in PARAMETERS.values() if one.group == group):
            print(f"  {parameter.name} = {json.dumps(parameter.default)}")
            print(f"      {parameter.description}")
