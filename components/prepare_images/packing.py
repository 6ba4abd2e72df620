"""Packs images into shards and writes the index that tells where each is."""

import json
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from components.prepare_images.duplicates import Duplicates
from components.prepare_images.recoding import recode_all, without_warnings_of_pil
from components.prepare_images.shards import MEGABYTE, ShardWriter
from components.prepare_images.sources import find_images
from components.prepare_images.splits import TRAIN, Assigned, assign, unseen_by_nature
from components.prepare_images.summary import count_classes, left_out, report
from components.shared.execution.progress import Progress, say
from components.shared.images.index import CLASSES_FILE, FACTS_FILE, INDEX_COLUMNS, INDEX_FILE
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store
from components.shared.storage.atomic import write_json


def pack_images(
    config: ImagesSettings, output: Path, terms: Mapping[str, Sequence[str]] | None = None
) -> dict[str, float]:
    """Pack the images of the chosen classes and write the image index.

    Args:
        config: Sources, classes, splits and how to pack.
        output: Folder of the artifact.
        terms: The taxonomy's terms of each synset, by wnid; None: the classes are not checked
            against it, and must be wnids.

    Returns:
        Counts: images of each split, classes, unreadable and duplicate images, megabytes.

    Raises:
        ValueError: The source, a class or a split is not as the configuration says.
    """
    if not config.store_uri:
        raise ValueError("images_store_uri is empty: name the folder or s3:// prefix of shards.")
    splits = {TRAIN, *config.held_out_splits, *config.zero_shot_splits}
    listing = find_images(config.uri, splits, config.ground_truth_uri, terms)
    assigned = assign(config, listing)
    if terms is not None:
        _check_synsets({image.source.wnid for image in assigned}, terms)
    duplicates = Duplicates(config.leave_out_duplicates)
    index, unreadable, shards = _pack(config, assigned, duplicates)
    classes = count_classes(config, index, listing)
    facts = {
        "source_uri": config.uri,
        "store_uri": config.store_uri,
        "shards": shards,
        "images": len(index),
        "source_images": len(listing.images),
        "left_out": left_out(listing, assigned),
        "ignored_files": sorted(listing.ignored),
        "unreadable": unreadable,
        "duplicates": duplicates.found,
        **_only_where_there_are(
            left_out_duplicates=duplicates.left_out,
            unseen_by_nature=len(unseen_by_nature(config, listing) & set(classes["wnid"])),
        ),
    }
    _write(output, index, classes, facts)
    return report(index, classes, facts)


def _only_where_there_are(**counts: int) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _check_synsets(classes: Collection[str], synsets: Collection[str]) -> None:
    unknown = sorted(set(classes) - set(synsets))
    if unknown:
        raise ValueError(
            f"{len(unknown)} classes of the images are no synsets of the taxonomy, the first is "
            f"{unknown[0]}: name the others in images_classes, or give a taxonomy that has them."
        )


def ensure_shards(
    config: ImagesSettings, image_index: Path, terms: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Pack the images again where a shard of a finished index is gone from the store.

    Args:
        config: What the index was made with.
        image_index: The artifact.
        terms: The taxonomy's terms of each synset, by wnid.

    Raises:
        ValueError: The source has changed, so that the shard cannot be made again.
    """
    shards = json.loads((image_index / FACTS_FILE).read_text(encoding="utf-8"))["shards"]
    missing = [uri for uri in shards if not store.exists(uri)]
    if not missing:
        return
    say(f"{len(missing)} of {len(shards)} shards are gone: packing the images again")
    with tempfile.TemporaryDirectory() as folder:
        pack_images(config, Path(folder) / "image_index", terms)
    for uri in missing:
        if not store.exists(uri):
            raise ValueError(
                f"The shard {uri} cannot be made again, because {config.uri} has changed since: "
                "start a run of its own with another --output."
            )


def _pack(
    config: ImagesSettings, images: Sequence[Assigned], duplicates: Duplicates
) -> tuple[pd.DataFrame, list[dict[str, str]], list[str]]:
    """The index, unreadable images with the reason, and the shards."""
    columns: dict[str, list[Any]] = {name: [] for name in INDEX_COLUMNS}
    unreadable: list[dict[str, str]] = []
    progress = Progress("packing", len(images), "images")

    def keep(row: Mapping[str, Any]) -> None:
        # Columns of 14 million rows take a third of the memory that as many dictionaries do.
        for name, values in columns.items():
            values.append(row[name])

    with (
        without_warnings_of_pil(),
        ShardWriter(config.store_uri, config.shard_megabytes * MEGABYTE, keep) as writer,
    ):
        split = ""
        for done, (image, recoded) in enumerate(recode_all(config, images), 1):
            # Each split has shards of its own, so that training streams nothing else.
            if image.split != split:
                writer.close_shard()
                split = image.split
            if isinstance(recoded.data, Exception):
                reason = _reason(recoded.data)
                unreadable.append({"path": image.source.path, "reason": reason})
            elif not duplicates.leaves_out(image, recoded.checksum):
                writer.add(recoded.data, _row(image))
            progress.update(done)
    progress.finish(f"{len(unreadable)} unreadable")
    return pd.DataFrame(columns), unreadable, writer.shards


def _row(image: Assigned) -> dict[str, Any]:
    source = image.source
    return {
        "wnid": source.wnid,
        "split": image.split,
        "path": source.path,
        "seen": image.seen,
    }


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _write(output: Path, index: pd.DataFrame, classes: pd.DataFrame, facts: dict[str, Any]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    index.to_parquet(output / INDEX_FILE, index=False)
    classes.to_parquet(output / CLASSES_FILE, index=False)
    write_json(output / FACTS_FILE, facts)
