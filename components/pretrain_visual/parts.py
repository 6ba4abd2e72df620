"""The images that pretraining learns from and is judged by; the test part is not among them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from components.shared.images.index import read_classes, read_index, select
from components.shared.images.shards import ImageStore


@dataclass(frozen=True)
class LabelledImages:
    """Images with the numbers of their classes.

    Attributes:
        store: The images.
        labels: int64 [images], an index into the classes.
    """

    store: ImageStore
    labels: np.ndarray


@dataclass(frozen=True)
class Parts:
    """What training reads; the images are all of seen classes.

    Attributes:
        classes: wnids of the seen classes, sorted.
        train: Training images.
        validation: Images that choices are made on.
        unseen: wnids of the classes that are held out, sorted.
    """

    classes: tuple[str, ...]
    train: LabelledImages
    validation: LabelledImages
    unseen: tuple[str, ...]


def read_parts(image_index: Path) -> Parts:
    """Read the training and validation images of the seen classes.

    Raises:
        ValueError: One of the two is empty, or validation has a class without training images.
    """
    index = read_index(image_index)
    frames = {split: select(index, split=split, seen=True) for split in ("train", "validation")}
    for split, frame in frames.items():
        if frame.empty:
            raise ValueError(
                f"{image_index} has no {split} image of a seen class: "
                "see images_classes, images_unseen and images_validation_share."
            )
    classes = tuple(sorted(frames["train"]["wnid"].unique()))
    unknown = set(frames["validation"]["wnid"]) - set(classes)
    if unknown:
        raise ValueError(
            f"{image_index} has validation images of {min(unknown)} and none to train on: make it "
            "with prepare_images again."
        )
    number = {wnid: position for position, wnid in enumerate(classes)}
    labelled = {
        split: LabelledImages(ImageStore(frame), np.array(frame["wnid"].map(number), np.int64))
        for split, frame in frames.items()
    }
    known = read_classes(image_index)
    unseen = tuple(sorted(known.loc[~known["seen"].astype(bool), "wnid"]))
    return Parts(classes, unseen=unseen, **labelled)
