"""Splits within the seen classes, on which options are chosen without a look at a test image.

All images are training images of the outer split's seen classes. A tenth of each class is kept
aside: it is the inner validation part, which the figures of seen labels are measured on. The
classes are cut into five groups by a seed; in inner split i the images of group i are those of
unseen labels, all of them in the inner test part.
"""

import json
import shutil
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from components.shared.images.index import (
    CLASSES_FILE,
    FACTS_FILE,
    INDEX_FILE,
    SPLITS,
    read_classes,
    read_index,
    select,
)

SEED = 2013
GROUPS = 5
KEPT_ASIDE = 0.1


def inner_groups(image_index: Path) -> list[list[str]]:
    """Cut the seen classes into groups of equal size, as far as that goes.

    Args:
        image_index: Artifact of prepare_images.

    Returns:
        The wnids of each of the five groups, sorted.
    """
    classes = read_classes(image_index)
    seen = np.array(sorted(classes.loc[classes["seen"].astype(bool), "wnid"]), dtype=object)
    order = np.random.default_rng(SEED).permutation(len(seen))
    return [sorted(seen[part].tolist()) for part in np.array_split(order, GROUPS)]


def write_inner_index(image_index: Path, unseen: Collection[str], output: Path) -> Path:
    """Write the image index of an inner split; the shards stay where they are.

    Args:
        image_index: Artifact of prepare_images, of the outer split.
        unseen: wnids of the seen classes that the inner split holds out.
        output: Folder of the new index; what is there is replaced.

    Returns:
        `output`.
    """
    images = select(read_index(image_index), split="train", seen=True)
    images["seen"] = ~images["wnid"].isin(set(unseen))
    images["split"] = np.where(_kept_aside(images), "validation", "train")
    images.loc[~images["seen"], "split"] = "test"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    images.to_parquet(output / INDEX_FILE, index=False)
    _classes(images).to_parquet(output / CLASSES_FILE, index=False)
    facts = {"inner_split_of": str(image_index), "unseen": sorted(unseen)}
    (output / FACTS_FILE).write_text(json.dumps(facts), encoding="utf-8")
    return output


def _kept_aside(images: pd.DataFrame) -> np.ndarray:
    """Which images are kept aside: the same number of each class, drawn by the seed."""
    draws = pd.Series(np.random.default_rng([SEED, 1]).random(len(images)))
    ranks = draws.groupby(images["wnid"].to_numpy()).rank(pct=True)
    aside: np.ndarray = (ranks <= KEPT_ASIDE).to_numpy()
    return aside


def _classes(images: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(images["wnid"], images["split"]).reindex(
        columns=list(SPLITS), fill_value=0
    )
    seen = images.groupby("wnid")["seen"].first()
    frame = pd.concat([seen, counts], axis=1).reset_index(names="wnid")
    return frame[["wnid", "seen", *SPLITS]]
