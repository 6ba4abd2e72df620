"""The source's splits: their names, and which part of the images each gives."""

import hashlib
from collections.abc import Collection

from components.shared.settings.images import ImagesSettings

TRAIN = "train"
FALL11 = "fall11"
RELEASED_SPLITS = {
    "ILSVRC2012_img_train": "train",
    "ILSVRC2012_img_val": "val",
    "fall11_whole": FALL11,
    "training": "train",
    "validation": "val",
    "valid": "val",
}
"""Names that published data sets give their splits, and what they are here."""


def split_named(name: str, splits: Collection[str]) -> str:
    """The split that a file or folder name stands for.

    Args:
        name: Such as "train", "ILSVRC2012_img_train" or "validation".
        splits: Names that the parameters use; these are never translated.
    """
    if name in splits:
        return name
    small = name.lower()
    known = RELEASED_SPLITS.get(name) or RELEASED_SPLITS.get(small)
    return known or (small if small in splits else name)


def used_splits(config: ImagesSettings) -> set[str]:
    """Names of the splits that images are taken from."""
    return {TRAIN, *config.held_out_splits, *config.zero_shot_splits}


def zero_shot_only(config: ImagesSettings) -> set[str]:
    """Names of the splits that are only there for zero-shot tests."""
    return set(config.zero_shot_splits) - {TRAIN, *config.held_out_splits}


def check_known(path: str, splits: Collection[str]) -> None:
    """Check that an image is in a split that is used.

    Args:
        path: Of the image, `<split>/...`.
        splits: Names of the splits that are used.

    Raises:
        ValueError: It is in another.
    """
    split = path.split("/")[0]
    if split not in splits:
        raise ValueError(
            f"{path} is in the split {split!r}, none of {sorted(splits)}: give "
            "it one of these names, name it in images_held_out_splits or "
            "images_zero_shot_splits, or move it away."
        )


def part_of(config: ImagesSettings, path: str, seen: bool) -> str:
    """train, validation or test; empty: the image is left out.

    Args:
        config: The splits and the share that choices are made on.
        path: Of the image, `<split>/<wnid>/<file>`.
        seen: Whether its class is trained on.
    """
    split = path.split("/")[0]
    if not seen:
        return "test" if split in config.zero_shot_splits else ""
    if split == TRAIN:
        return TRAIN
    if split not in config.held_out_splits:
        return ""
    return "validation" if share_of(config.seed, path) < config.validation_share else "test"


def most_of_a_class(config: ImagesSettings, seen: bool) -> int:
    """Images that are used of a class and split at most; 0: all.

    Args:
        config: The limits.
        seen: Whether the class is trained on.
    """
    limits = [config.per_class] if seen else [config.per_class, config.zero_shot_per_class]
    return min((limit for limit in limits if limit), default=0)


def share_of(seed: int, path: str) -> float:
    """Number in [0, 1), uniform over paths, that depends on the seed and the path alone."""
    digest = hashlib.sha256(f"{seed}:{path}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
