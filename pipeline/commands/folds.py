"""The command that cuts classes into folds."""

from collections.abc import Collection
from pathlib import Path

import click

from components.shared.settings.images import ImagesSettings
from pipeline.commands.options import examples


@click.command(
    epilog=examples(
        "python pipeline.py folds --images data/tiny-imagenet --number 5 --seed 2013 \\",
        "    --output folds.json",
    )
)
@click.option("--classes", default="", metavar="ADDRESS", help="Of a list of wnids, one a line.")
@click.option(
    "--images",
    default="",
    metavar="ADDRESS",
    help="Of images in class folders or tars, in place of a list.",
)
@click.option("--number", type=click.IntRange(min=2), default=5, help="Of folds.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="That classes are drawn with.")
@click.option(
    "--first",
    default="",
    metavar="ADDRESS",
    help="Of a list of the wnids of fold 0; the others are cut from the rest.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The fold list, for run --folds 0,1,2,3,4 --fold-list FILE.",
)
def folds(classes: str, images: str, number: int, seed: int, first: str, output: Path) -> None:
    """Cut classes into folds: in each another group of them is unseen.

    That of Tiny-ImageNet comes with the preset.
    """
    from components.shared.settings.known_wnids import listed_wnids
    from components.shared.storage.atomic import write_json
    from pipeline.folds.cutting import cut_classes

    first_fold = listed_wnids(first) if first else ()
    cut = cut_classes(_classes(classes, images), number, seed, first_fold)
    write_json(output, cut.model_dump(mode="json"))
    sizes = ", ".join(str(len(group)) for group in cut.folds)
    print(f"{output} holds {number} folds of {sizes} classes.")


def _classes(listed: str, images: str) -> Collection[str]:
    from components.pack_images.first_look import class_names
    from components.shared.settings.known_wnids import listed_wnids

    if bool(listed) == bool(images):
        raise ValueError("Give either --classes, a list of wnids, or --images, where they lie.")
    if listed:
        return listed_wnids(listed)
    if found := class_names(ImagesSettings(uri=images)):
        return found
    raise ValueError(f"{images} has no class folders or tars: give a list with --classes.")
