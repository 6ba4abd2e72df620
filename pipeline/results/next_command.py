"""What to do after a run: commands that can be pasted, with images and labels of that run."""

import os
import shlex
import sys
from pathlib import Path

import pandas as pd

from pipeline.results.example_images import ExampleImage, example_images

PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = "examples"
"""In a run's folder: images that had no file of their own."""
OWN_TERM = ("first_term", "synonym", "file")
OF_EACH_ROLE = 2


def next_commands(output: Path, images_uri: str) -> list[str]:
    """Return commands: label a photo, one of a class never trained on, show a page, all tables.

    The first ranks the trained labels for an image of one of them. The second, where there are
    unseen classes, gives words of that world, some of which no training image had. Each has a real
    picture: where the run's images came in tars or parquet, a copy in the run's folder.

    Args:
        output: The run's folder.
        images_uri: Where its images came from.
    """
    labels = labels_of_that_world(pd.read_parquet(output / "labels.parquet"), OF_EACH_ROLE)
    words = words_of(labels)
    named = set(labels["wnid"])
    # Those first that the words name.
    images = sorted(example_images(output), key=lambda image: image.wnid not in named)
    model = ("--model", _shown(output))
    found = []
    for is_seen, given in ((True, []), (False, ["--labels", ",".join(words)])):
        if image := next((image for image in images if image.seen == is_seen), None):
            file = _file(image, output, images_uri)
            found.append(_command("predict", file, *model, *given))
    tables = _command("results", _shown(output), "--format", "text")
    return [*found, _command("demo", *model), tables]


def _command(*arguments: str) -> str:
    return shlex.join([_shown(sys.executable), _shown(PROJECT / "pipeline.py"), *arguments])


def labels_of_that_world(labels: pd.DataFrame, of_each_role: int) -> pd.DataFrame:
    """Return some labels of either role whose own term has a vector, the unseen last.

    Args:
        labels: Of the label space.
        of_each_role: How many at most.
    """
    labels = labels[labels["target_source"].isin(OWN_TERM)].sort_values(["role", "wnid"])
    return labels.groupby("role").head(of_each_role)


def words_of(labels: pd.DataFrame) -> list[str]:
    """Return the terms that labels have their vectors from, as people write them, each once."""
    # A row that is one synset's alone has its wnid behind the term.
    terms = (term.partition("#")[0] for term in labels["target_term"])
    return [term.replace("_", " ") for term in dict.fromkeys(terms)]


def _file(image: ExampleImage, output: Path, images_uri: str) -> str:
    """Path of an image: in the source that it came from, or of a copy out of what was packed."""
    own = Path(images_uri) / image.path
    if not own.is_file():
        own = output / EXAMPLES / f"{image.wnid}.jpg"
        own.parent.mkdir(exist_ok=True)
        own.write_bytes(image.read())
    return _shown(own)


def _shown(path: str | Path) -> str:
    """The path as somebody in this folder would write it."""
    inside = os.path.relpath(path)
    return str(path) if inside.startswith("..") else inside
