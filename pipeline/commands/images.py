"""The command that builds the stages' container images."""

import click

from pipeline.commands.options import examples, takes_image_names


@click.command(
    epilog=examples("python pipeline.py images --registry ghcr.io/team --tag 1.0 --push")
)
@takes_image_names
@click.option(
    "--base-image",
    default="python:3.11-slim",
    help="What they build on; its digest is looked up, and written on each.",
)
@click.option("--push", is_flag=True, help="Push them to the registry.")
def images(registry: str, tag: str, base_image: str, push: bool) -> None:
    """Build the stages' container images."""
    from pipeline.images import SBOM, build_images

    for name in build_images(base_image, registry, tag, push):
        print(name)
    print(f"Each lists its Python packages in {SBOM}: docker run --rm IMAGE cat {SBOM}")
