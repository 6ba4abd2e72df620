"""What to do after a run: a command that can be pasted, with an image and labels of that run."""

import os
import shlex
import sys
from pathlib import Path

import pandas as pd

PROJECT = Path(__file__).resolve().parents[2]
OWN_TERM = ("first_term", "synonym")
OF_EACH_ROLE = 2


def next_command(output: Path, images_uri: str) -> str:
    """Return the command that labels a test image of a finished run with words of its own.

    The image is one of an unseen class where there are any, so that the labels show both what the
    training images taught and what only the text did.

    Args:
        output: The run's folder.
        images_uri: Where its images came from; those in tars or object storage have no path of
            their own, and `IMAGE` stands for one.
    """
    labels = _labels_with_a_vector(output)
    wnid = str(labels["wnid"].iloc[-1])
    words = [term.replace("_", " ") for term in labels["target_term"]]
    image = _test_image(output, images_uri, wnid) or "IMAGE"
    model = ["--model", str(output), "--labels", ",".join(words)]
    return shlex.join(
        [_shown(sys.executable), _shown(PROJECT / "pipeline.py"), "predict", image, *model]
    )


def _labels_with_a_vector(output: Path) -> pd.DataFrame:
    """Some labels of either role whose own term has a vector, the unseen last."""
    labels = pd.read_parquet(output / "labels.parquet")
    labels = labels[labels["target_source"].isin(OWN_TERM)].sort_values(["role", "wnid"])
    return labels.groupby("role").head(OF_EACH_ROLE)


def _test_image(output: Path, images_uri: str, wnid: str) -> str:
    index = pd.read_parquet(output / "index.parquet", columns=["path", "wnid", "split"])
    chosen = index.loc[(index["wnid"] == wnid) & (index["split"] == "test"), "path"]
    files = (Path(images_uri) / path for path in chosen)
    return next((_shown(file) for file in files if file.is_file()), "")


def _shown(path: str | Path) -> str:
    """The path as somebody in this folder would write it."""
    inside = os.path.relpath(path)
    return str(path) if inside.startswith("..") else inside
