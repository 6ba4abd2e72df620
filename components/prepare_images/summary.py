"""What was packed: images of each class and split, and everything that was left out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from components.prepare_images.listing import Listing
from components.prepare_images.splits import Assigned, choose_classes, unseen_by_nature
from components.shared.execution.progress import say
from components.shared.images.index import CLASS_COLUMNS, SPLITS
from components.shared.images.limits import MILLION
from components.shared.settings.images import ImagesSettings

NAMES_SHOWN = 5


def count_classes(
    config: ImagesSettings,
    index: pd.DataFrame,
    listing: Listing,
    unreadable: Sequence[Mapping[str, str]] = (),
) -> pd.DataFrame:
    """Images of each class and split.

    Args:
        config: The classes that are needed.
        index: What was packed.
        listing: What there is.
        unreadable: Path and reason of each image that was left out.

    Raises:
        ValueError: All images of a class that is needed are unreadable or left out. A class that
            is unseen by nature is not needed: one of thousands may well be lost.
    """
    seen, unseen = choose_classes(config, listing)
    needed = (seen | unseen) - (unseen_by_nature(config, listing) - set(config.unseen))
    counts = Counter(zip(index["wnid"], index["split"], strict=True))
    rows = []
    for wnid in sorted(seen | unseen):
        of_split = {split: counts[wnid, split] for split in SPLITS}
        if wnid in needed:
            _check_readable(config, wnid, wnid in seen, of_split, unreadable)
        rows.append({"wnid": wnid, "seen": wnid in seen, **of_split})
    return pd.DataFrame(rows, columns=list(CLASS_COLUMNS))


def _check_readable(
    config: ImagesSettings,
    wnid: str,
    seen: bool,
    of_split: Mapping[str, int],
    unreadable: Sequence[Mapping[str, str]],
) -> None:
    needed = {"held-out": of_split["validation"] + of_split["test"]}
    if seen:
        needed["training"] = of_split["train"]
    for part, images in needed.items():
        if not images:
            raise ValueError(
                f"All {part} images of the class {wnid} in {config.uri} are unreadable"
                f"{' or training images too' if config.leave_out_duplicates else ''}"
                f"{_first_of(wnid, unreadable)}: replace them, or take the class out."
            )


def _first_of(wnid: str, unreadable: Sequence[Mapping[str, str]]) -> str:
    own = (entry for entry in unreadable if f"/{wnid}/" in entry["path"])
    return next((f" ({entry['path']}: {entry['reason']})" for entry in own), "")


def left_out(listing: Listing, assigned: Sequence[Assigned]) -> dict[str, int]:
    """Images of each of the source's splits that no part takes."""
    there = Counter(source.split for source in listing.images)
    there.subtract(Counter(image.source.split for image in assigned))
    return dict(sorted(there.items()))


def report(index: pd.DataFrame, classes: pd.DataFrame, facts: dict[str, Any]) -> dict[str, float]:
    """Say what was left out, and count what was packed: the stage's metrics."""
    _say_what_is_wrong(facts)
    counts = index["split"].value_counts()
    return {
        **{f"{split}_images": float(counts.get(split, 0)) for split in SPLITS},
        "seen_classes": float(classes["seen"].sum()),
        "unseen_classes": float((~classes["seen"]).sum()),
        "unseen_by_nature_classes": float(facts.get("unseen_by_nature", 0)),
        "unreadable_images": float(len(facts["unreadable"])),
        "duplicate_images": float(len(facts["duplicates"])),
        "left_out_duplicate_images": float(facts.get("left_out_duplicates", 0)),
        "listed_without_image": float(len(facts.get("listed_without_image", ()))),
        "megabytes": float(index["length"].sum()) / MILLION,
    }


def _say_what_is_wrong(facts: dict[str, Any]) -> None:
    unreadable = [f"{entry['path']} ({entry['reason']})" for entry in facts["unreadable"]]
    if unreadable:
        say(f"images: left out {len(unreadable)} unreadable: {_some(unreadable)}")
    if facts["ignored_files"]:
        files = facts["ignored_files"]
        say(f"images: passed over {len(files)} that are no images: {_some(files)}")
    if listed := facts.get("listed_without_image"):
        say(f"images: {len(listed)} that the list of classes has are not there: {_some(listed)}")
    if facts["duplicates"]:
        names = _some([entry["path"] for entry in facts["duplicates"]])
        out = facts.get("left_out_duplicates", 0)
        say(
            f"images: {len(facts['duplicates'])} held-out images are training images too, {out} of "
            f"them left out: {names}"
        )
    if "packed_in_vain" in facts:
        say(f"images: {facts['packed_in_vain']} that were packed are not used")
    if "unseen_by_nature" in facts:
        say(f"images: {facts['unseen_by_nature']} classes without training images are zero-shot")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (" ..." if len(names) > NAMES_SHOWN else "")
