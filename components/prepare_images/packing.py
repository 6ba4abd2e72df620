"""Packs images into shards and writes the index that tells where each is."""

import json
import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from components.prepare_images.config import ImagesConfig
from components.prepare_images.recoding import recode_all
from components.prepare_images.shards import MEGABYTE, ShardWriter
from components.prepare_images.sources import find_images
from components.prepare_images.splits import Assigned, assign
from components.prepare_images.summary import count_classes, duplicates, left_out, report
from components.shared import storage
from components.shared.image_index import CLASSES_FILE, FACTS_FILE, INDEX_COLUMNS, INDEX_FILE
from components.shared.progress import Progress, say


def pack_images(
    config: ImagesConfig, output: Path, synsets: Collection[str] | None = None
) -> dict[str, float]:
    """Pack the images of the chosen classes and write the image index.

    Args:
        config: sources, classes, splits and how to pack.
        output: folder of the artifact.
        synsets: the wnids that the taxonomy has; None: the classes are not checked against it.

    Returns:
        Counts: images of each split, classes, unreadable and duplicate images, megabytes.

    Raises:
        ValueError: the source, a class or a split is not as the configuration says.
    """
    if not config.store_uri:
        raise ValueError("images_store_uri is empty: name the folder or s3:// prefix of shards.")
    listing = find_images(config.uri)
    assigned = assign(config, listing)
    if synsets is not None:
        _check_synsets({image.source.wnid for image in assigned}, synsets)
    rows, unreadable, shards = _pack(config, assigned)
    index = pd.DataFrame(rows, columns=list(INDEX_COLUMNS))
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
        "duplicates": duplicates(index),
    }
    _write(output, index, classes, facts)
    return report(index, classes, facts)


def _check_synsets(classes: Collection[str], synsets: Collection[str]) -> None:
    unknown = sorted(set(classes) - set(synsets))
    if unknown:
        raise ValueError(
            f"{len(unknown)} classes of the images are no synsets of the taxonomy, the first is "
            f"{unknown[0]}: name the others in images_classes, or give a taxonomy that has them."
        )


def ensure_shards(config: ImagesConfig, image_index: Path) -> None:
    """Pack the images again where a shard of a finished index is gone from the store.

    Args:
        config: what the index was made with.
        image_index: the artifact.

    Raises:
        ValueError: the source has changed, so that the shard cannot be made again.
    """
    shards = json.loads((image_index / FACTS_FILE).read_text(encoding="utf-8"))["shards"]
    missing = [uri for uri in shards if not storage.exists(uri)]
    if not missing:
        return
    say(f"{len(missing)} of {len(shards)} shards are gone: packing the images again")
    with tempfile.TemporaryDirectory() as folder:
        pack_images(config, Path(folder) / "image_index")
    for uri in missing:
        if not storage.exists(uri):
            raise ValueError(
                f"The shard {uri} cannot be made again, because {config.uri} has changed since: "
                "start a run of its own with another --output."
            )


def _pack(
    config: ImagesConfig, images: Sequence[Assigned]
) -> tuple[list[dict[str, Any]], list[dict[str, str]], list[str]]:
    """Rows of the index, unreadable images with the reason, and the shards."""
    rows: list[dict[str, Any]] = []
    unreadable: list[dict[str, str]] = []
    progress = Progress("packing", len(images), "images")
    shard_bytes = config.shard_megabytes * MEGABYTE
    with ShardWriter(config.store_uri, shard_bytes, rows.append) as writer:
        split = ""
        for done, (image, data) in enumerate(recode_all(config, images), 1):
            # Each split has shards of its own, so that training streams nothing else.
            if image.split != split:
                writer.close_shard()
                split = image.split
            if isinstance(data, bytes):
                writer.add(data, _row(image))
            else:
                unreadable.append({"path": image.source.path, "reason": _reason(data)})
            progress.update(done)
    progress.finish(f"{len(unreadable)} unreadable")
    return rows, unreadable, writer.shards


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
    text = json.dumps(facts, indent=1, ensure_ascii=False)
    (output / FACTS_FILE).write_text(text + "\n", encoding="utf-8")
