"""What was packed: images of each class and split, and everything that was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from components.prepare_images.config import ImagesConfig
from components.prepare_images.shards import MEGABYTE
from components.prepare_images.sources import Listing
from components.prepare_images.splits import Assigned, choose_classes
from components.shared.image_index import CLASS_COLUMNS, SPLITS
from components.shared.progress import say

NAMES_SHOWN = 5


def count_classes(config: ImagesConfig, index: pd.DataFrame, listing: Listing) -> pd.DataFrame:
    """Images of each class and split.

    Raises:
        ValueError: all images of a class that is needed are unreadable.
    """
    seen, unseen = choose_classes(config, listing.wnids)
    counts = Counter(zip(index["wnid"], index["split"], strict=True))
    rows = []
    for wnid in sorted(seen | unseen):
        of_split = {split: counts[wnid, split] for split in SPLITS}
        _check_readable(config, wnid, wnid in seen, of_split)
        rows.append({"wnid": wnid, "seen": wnid in seen, **of_split})
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))


def _check_readable(
    config: ImagesConfig, wnid: str, seen: bool, of_split: Mapping[str, int]
) -> None:
    needed = {"held-out": of_split["validation"] + of_split["test"]}
    if seen:
        needed["training"] = of_split["train"]
    for part, images in needed.items():
        if not images:
            raise ValueError(
                f"All {part} images of the class {wnid} in {config.uri} are unreadable: replace "
                "them, or take the class out."
            )


def left_out(listing: Listing, assigned: Sequence[Assigned]) -> dict[str, int]:
    """Images of each of the source's splits that no part takes."""
    there = Counter(source.split for source in listing.images)
    there.subtract(Counter(image.source.split for image in assigned))
    return dict(sorted(there.items()))


def duplicates(index: pd.DataFrame) -> list[dict[str, str]]:
    """Images that are trained on and, byte for byte, are in the test part or validation too.

    Args:
        index: with columns checksum, split, path.

    Returns:
        The path of a training image and of the held-out one, with its split.
    """
    training = index[index["split"] == "train"].drop_duplicates("checksum")
    held_out = index[index["split"] != "train"]
    both = held_out.merge(training, on="checksum", suffixes=("", "_train"))
    return [
        {"path": row.path, "split": row.split, "train": row.path_train}
        for row in both.itertuples(index=False)
    ]


def report(index: pd.DataFrame, classes: pd.DataFrame, facts: dict[str, Any]) -> dict[str, float]:
    """Say what was left out, and count what was packed: the stage's metrics."""
    unreadable = [entry["path"] for entry in facts["unreadable"]]
    if unreadable:
        more = " ..." if len(unreadable) > NAMES_SHOWN else ""
        names = ", ".join(unreadable[:NAMES_SHOWN]) + more
        say(f"images: left out {len(unreadable)} unreadable: {names}")
    if facts["duplicates"]:
        say(f"images: {len(facts['duplicates'])} held-out images are training images too")
    counts = index["split"].value_counts()
    return {
        **{f"{split}_images": float(counts.get(split, 0)) for split in SPLITS},
        "seen_classes": float(classes["seen"].sum()),
        "unseen_classes": float((~classes["seen"]).sum()),
        "unreadable_images": float(len(unreadable)),
        "duplicate_images": float(len(facts["duplicates"])),
        "megabytes": float(index["length"].sum()) / MEGABYTE,
    }
