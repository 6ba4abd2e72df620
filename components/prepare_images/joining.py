"""Joins the packed parts of the images into the index that tells where each is.

The parts may be any number and come in any order: what the index holds, and in which order, follows
from the images alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from components.prepare_images.duplicates import Duplicates
from components.prepare_images.listing import Listing, listing_of
from components.prepare_images.splits import Assigned, assign, unseen_by_nature
from components.prepare_images.summary import count_classes, left_out, report
from components.shared.images.index import CLASSES_FILE, FACTS_FILE, INDEX_COLUMNS, INDEX_FILE
from components.shared.images.parts import read_parts
from components.shared.settings.images import ImagesSettings
from components.shared.storage.atomic import write_json

PLACE = ("shard", "offset", "length", "checksum")


@dataclass
class _Joined:
    """What has become of the images.

    Attributes:
        chosen: Those that the index has, in its order.
        unreadable: Path and reason of those that could not be read.
        duplicates: Of held-out images.
    """

    duplicates: Duplicates
    chosen: list[Assigned] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)


def join_parts(
    config: ImagesSettings,
    parts: Sequence[Path],
    output: Path,
    terms: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, float]:
    """Choose and split the images of all parts, and write the image index.

    Args:
        config: Classes and splits.
        parts: The artifacts of all parts, in any order.
        output: Folder of the artifact.
        terms: The taxonomy's terms of each synset, by wnid; None: the classes are not checked
            against it, and must be wnids.

    Returns:
        Counts: images of each split, classes, unreadable and duplicate images, megabytes.

    Raises:
        ValueError: The source, a class or a split is not as the configuration says.
    """
    rows, found = read_parts(parts)
    listing = listing_of(config, rows, found)
    assigned = assign(config, listing)
    if terms is not None:
        _check_synsets({image.source.wnid for image in assigned}, terms)
    joined = _join(config, rows, assigned)
    index, duplicates = _index(rows, joined.chosen), joined.duplicates
    classes = count_classes(config, index, listing, joined.unreadable)
    packed = pc.sum(pc.not_equal(rows["shard"].cast(pa.string()), "")).as_py() or 0
    facts = {
        "source_uri": config.uri,
        "store_uri": config.store_uri,
        "shards": index["shard"].unique().tolist(),
        "images": len(index),
        "source_images": len(listing.images),
        "left_out": left_out(listing, assigned),
        "ignored_files": sorted(listing.ignored),
        "unreadable": [*_nameless(listing), *joined.unreadable],
        "duplicates": duplicates.found,
        **_only_where_there_are(
            left_out_duplicates=duplicates.left_out,
            unseen_by_nature=len(unseen_by_nature(config, listing) & set(classes["wnid"])),
            packed_in_vain=packed - len(index) - duplicates.left_out,
            listed_without_image=listing.without_image,
        ),
    }
    _write(output, index, classes, facts)
    return report(index, classes, facts)


def _join(config: ImagesSettings, rows: pa.Table, assigned: Sequence[Assigned]) -> _Joined:
    """Go through the images in the order of the index."""
    joined = _Joined(Duplicates(config.leave_out_duplicates))
    numbers = pa.array([image.source.number for image in assigned], pa.int64())
    taken = rows.select(["shard", "source", "reason"]).take(numbers)
    columns = (taken[name].to_pylist() for name in taken.column_names)
    for image, (shard, checksum, reason) in zip(assigned, zip(*columns, strict=True), strict=True):
        if reason:
            joined.unreadable.append({"path": image.source.path, "reason": reason})
            continue
        assert shard, "a part packs whatever the index may come to have"
        if not joined.duplicates.leaves_out(image, checksum):
            joined.chosen.append(image)
        joined.duplicates.take_in(image, checksum)
    return joined


def _index(rows: pa.Table, chosen: Sequence[Assigned]) -> pd.DataFrame:
    places = rows.select(list(PLACE)).take(pa.array([i.source.number for i in chosen], pa.int64()))
    columns: dict[str, Any] = {name: places[name].to_pylist() for name in PLACE}
    columns |= {
        "wnid": [image.source.wnid for image in chosen],
        "split": [image.split for image in chosen],
        "path": [image.source.path for image in chosen],
        "seen": [image.seen for image in chosen],
    }
    return pd.DataFrame({name: columns[name] for name in INDEX_COLUMNS})


def _nameless(listing: Listing) -> list[dict[str, str]]:
    reason = "its name, or its folder's, is not UTF-8: rename it"
    return [{"path": path, "reason": reason} for path in listing.nameless]


def _only_where_there_are(**found: int | Sequence[str]) -> dict[str, int | Sequence[str]]:
    return {name: of_name for name, of_name in found.items() if of_name}


def _check_synsets(classes: Collection[str], synsets: Collection[str]) -> None:
    unknown = sorted(set(classes) - set(synsets))
    if unknown:
        raise ValueError(
            f"{len(unknown)} classes of the images are no synsets of the taxonomy, the first is "
            f"{unknown[0]}: name the others in images_classes, or give a taxonomy that has them."
        )


def _write(output: Path, index: pd.DataFrame, classes: pd.DataFrame, facts: dict[str, Any]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    index.to_parquet(output / INDEX_FILE, index=False)
    classes.to_parquet(output / CLASSES_FILE, index=False)
    write_json(output / FACTS_FILE, facts)
