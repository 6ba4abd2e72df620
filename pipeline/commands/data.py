"""The command that makes or fetches data."""

from pathlib import Path

import click

from pipeline.commands.options import examples
from pipeline.data.catalogue import CATALOGUE, fetch_public_data, listing


@click.command(
    epilog=examples(
        "python pipeline.py data",
        "python pipeline.py data quickstart",
        "python pipeline.py data tiny-imagenet --output data/tiny-imagenet",
    )
)
@click.argument(
    "name",
    required=False,
    type=click.Choice(("quickstart", *CATALOGUE)),
    metavar="[NAME]",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    show_default="data/NAME",
    help="Where to.",
)
@click.option("--from", "mirror", default="", metavar="URL", help="Of a mirror.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, help="Of the quickstart data, as it is drawn."
)
def data(name: str | None, output: Path | None, mirror: str, seed: int) -> None:
    """Make or fetch data; without a name, list what there is."""
    from pipeline.data.quickstart import write_quickstart_data

    folder = output or Path("data") / (name or "")
    if name is None:
        print(f"quickstart\n  Made on this machine, for the preset of that name\n\n{listing()}")
    elif name == "quickstart":
        write_quickstart_data(folder, seed)
        print(f"{folder} holds the quickstart data.")
    else:
        print(f"Run with: {fetch_public_data(name, folder, mirror)}")
