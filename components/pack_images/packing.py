"""Packs images into shards and writes the index that tells where each is."""

import json
import tempfile
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from components.pack_images.finished_shards import Packed, keeper, restore
from components.pack_images.listing import Listing
from components.pack_images.recoding import (
    Recoded,
    reason_of,
    recode_all,
    without_warnings_of_pil,
)
from components.pack_images.shards import MEGABYTE, ShardWriter, is_kept
from components.pack_images.sources import find_images
from components.prepare_images.duplicates import Duplicates
from components.prepare_images.splits import Assigned, assign, unseen_by_nature, used_splits
from components.prepare_images.summary import count_classes, left_out, report
from components.shared.execution.progress import Progress, say
from components.shared.images.index import CLASSES_FILE, FACTS_FILE, INDEX_FILE
from components.shared.settings.images import ImagesSettings
from components.shared.storage.atomic import write_json
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore


def pack_images(
    config: ImagesSettings,
    output: Path,
    terms: Mapping[str, Sequence[str]] | None = None,
    checkpoints: CheckpointStore = NOWHERE,
) -> dict[str, float]:
    """Pack the images of the chosen classes and write the image index.

    Args:
        config: Sources, classes, splits and how to pack.
        output: Folder of the artifact.
        terms: The taxonomy's terms of each synset, by wnid; None: the classes are not checked
            against it, and must be wnids.
        checkpoints: Where a killed packing goes on from; the caller clears them.

    Returns:
        Counts: images of each split, classes, unreadable and duplicate images, megabytes.

    Raises:
        ValueError: The source, a class or a split is not as the configuration says.
    """
    if not config.store_uri:
        raise ValueError("images_store_uri is empty: name the folder or s3:// prefix of shards.")
    listing = find_images(config.uri, used_splits(config), config.ground_truth_uri, terms)
    assigned = assign(config, listing)
    if terms is not None:
        _check_synsets({image.source.wnid for image in assigned}, terms)
    packed = _pack(config, assigned, checkpoints)
    index, duplicates = pd.DataFrame(packed.columns), packed.duplicates
    classes = count_classes(config, index, listing, packed.unreadable)
    facts = {
        "source_uri": config.uri,
        "store_uri": config.store_uri,
        "shards": packed.shards,
        "images": len(index),
        "source_images": len(listing.images),
        "left_out": left_out(listing, assigned),
        "ignored_files": sorted(listing.ignored),
        "unreadable": [*_nameless(listing), *packed.unreadable],
        "duplicates": duplicates.found,
        **_only_where_there_are(
            left_out_duplicates=duplicates.left_out,
            unseen_by_nature=len(unseen_by_nature(config, listing) & set(classes["wnid"])),
        ),
    }
    _write(output, index, classes, facts)
    return report(index, classes, facts)


def _nameless(listing: Listing) -> list[dict[str, str]]:
    reason = "its name, or its folder's, is not UTF-8: rename it"
    return [{"path": path, "reason": reason} for path in listing.nameless]


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
    config: ImagesSettings,
    image_index: Path,
    terms: Mapping[str, Sequence[str]] | None = None,
    checkpoints: CheckpointStore = NOWHERE,
) -> None:
    """Pack the images again where a shard of a finished index is gone from the store or damaged.

    Args:
        config: What the index was made with.
        image_index: The artifact.
        terms: The taxonomy's terms of each synset, by wnid.
        checkpoints: Where a killed packing goes on from; the caller clears them.

    Raises:
        ValueError: The source has changed, so that the shard cannot be made again.
    """
    shards = json.loads((image_index / FACTS_FILE).read_text(encoding="utf-8"))["shards"]
    missing = [uri for uri in shards if not is_kept(uri)]
    if not missing:
        return
    say(f"{len(missing)} of {len(shards)} shards are gone or damaged: packing the images again")
    with tempfile.TemporaryDirectory() as folder:
        pack_images(config, Path(folder) / "image_index", terms, checkpoints)
    for uri in missing:
        if not is_kept(uri):
            raise ValueError(
                f"The shard {uri} cannot be made again, because {config.uri} has changed since: "
                "start a run of its own with another --output."
            )


def _pack(
    config: ImagesSettings, images: Sequence[Assigned], checkpoints: CheckpointStore
) -> Packed:
    packed = Packed(images, Duplicates(config.leave_out_duplicates))
    restore(packed, checkpoints)
    before = packed.done
    progress = Progress("packing", len(images) - before, "images")
    keep, size = keeper(packed, checkpoints), config.shard_megabytes * MEGABYTE
    with without_warnings_of_pil(), ShardWriter(config.store_uri, size, keep) as writer:
        split = ""
        for image, recoded in recode_all(config, islice(images, before, None)):
            # Each split has shards of its own, so that training streams nothing else.
            if image.split != split:
                writer.close_shard()
                split = image.split
            _take(packed, image, recoded, writer)
            packed.done += 1
            progress.update(packed.done - before)
    progress.finish(f"{len(packed.unreadable)} unreadable")
    return packed


def _take(packed: Packed, image: Assigned, recoded: Recoded, writer: ShardWriter) -> None:
    if isinstance(recoded.data, Exception):
        packed.unreadable.append({"path": image.source.path, "reason": reason_of(recoded.data)})
        return
    if not packed.duplicates.leaves_out(image, recoded.checksum):
        writer.add(recoded.data, {"number": packed.done, "source": recoded.checksum})
    # Afterwards: the shard that was full, and is kept before the image comes in, is without it.
    packed.duplicates.take_in(image, recoded.checksum)


def _write(output: Path, index: pd.DataFrame, classes: pd.DataFrame, facts: dict[str, Any]) -> None:
    output.mkdir(parents=True, exist_ok=True)
    index.to_parquet(output / INDEX_FILE, index=False)
    classes.to_parquet(output / CLASSES_FILE, index=False)
    write_json(output / FACTS_FILE, facts)
