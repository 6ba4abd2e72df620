"""The command that lists every parameter."""

import json
from itertools import groupby

import click

from components.shared.settings.table import PARAMETERS
from pipeline.commands.options import examples


@click.command(epilog=examples("python pipeline.py parameters"))
def parameters() -> None:
    """List every parameter with its default."""
    by_group = groupby(PARAMETERS.values(), key=lambda parameter: parameter.group)
    for group, own in by_group:
        print(f"\n{group}")
        for parameter in own:
            print(f"  {parameter.name} = {json.dumps(parameter.default)}")
            print(f"      {parameter.description}")
