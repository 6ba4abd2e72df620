"""Packs one part of the images: every so manieth block of the source."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow.compute as pc

from components.pack_images.plan import Plan, plan_of
from components.pack_images.recoding import without_warnings_of_pil
from components.pack_images.shards import shard_bytes
from components.pack_images.steps import Step, steps_of
from components.shared.execution.progress import Progress, say
from components.shared.images.limits import MILLION
from components.shared.images.parts import PartFacts, read_facts, write_facts, writing_images
from components.shared.images.shards import is_kept
from components.shared.settings.images import ImagesSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

SHARDS_UNDER_WAY = 4
"""Of training, validation, test and held-out images."""


def pack_part(
    config: ImagesSettings,
    output: Path,
    terms: Mapping[str, Sequence[str]] | None = None,
    checkpoints: CheckpointStore = NOWHERE,
) -> dict[str, float]:
    """List and pack the images of one part, and write what became of each.

    Args:
        config: Sources, classes, splits, how to pack, and which of how many parts.
        output: Folder of the artifact.
        terms: The taxonomy's terms of each synset, by wnid, to resolve the class names of parquet.
        checkpoints: Where a killed packing goes on from; the caller clears them.

    Returns:
        Counts: images that were found, packed and unreadable, shards, megabytes.

    Raises:
        ValueError: The source is not as the configuration says, or broken, or the disk too full.
    """
    if not config.store_uri:
        raise ValueError("images_store_uri is empty: name the folder or s3:// prefix of shards.")
    _check_room(config)
    plan = plan_of(config, terms)
    # What names tell is every part's knowledge, and said once.
    facts = plan.facts if config.part == 0 else PartFacts()
    counts = dict.fromkeys(("images", "packed", "unreadable", "shards", "megabytes"), 0.0)
    with writing_images(output) as writer, without_warnings_of_pil():
        for step in _told(_steps(config, plan, checkpoints)):
            writer.write_table(step.rows)
            facts.add(step.facts)
            _count(counts, step)
    write_facts(output, facts)
    return counts


def ensure_shards(
    config: ImagesSettings,
    part: Path,
    terms: Mapping[str, Sequence[str]] | None = None,
    checkpoints: CheckpointStore = NOWHERE,
) -> None:
    """Pack a part again where a shard of a finished one is gone from the store or damaged.

    Args:
        config: What the part was made with.
        part: The artifact.
        terms: The taxonomy's terms of each synset, by wnid.
        checkpoints: Where a killed packing goes on from; the caller clears them.

    Raises:
        ValueError: The source has changed, so that the shard cannot be made again.
    """
    shards = read_facts(part).shards
    missing = [uri for uri in shards if not is_kept(uri)]
    if not missing:
        return
    say(f"{len(missing)} of {len(shards)} shards are gone or damaged: packing the images again")
    with tempfile.TemporaryDirectory() as folder:
        pack_part(config, Path(folder) / "part", terms, checkpoints)
    for uri in missing:
        if not is_kept(uri):
            raise ValueError(
                f"The shard {uri} cannot be made again, because {config.uri} has changed since: "
                "start a run of its own with another --output."
            )


def _check_room(config: ImagesSettings) -> None:
    """Refuse a temporary folder without room for a shard of each part of the images."""
    folder, needed = tempfile.gettempdir(), SHARDS_UNDER_WAY * shard_bytes(config)
    if (free := shutil.disk_usage(folder).free) < needed:
        raise ValueError(
            f"{folder} has {free / MILLION:,.0f} MB free, and packing may need "
            f"{needed / MILLION:,.0f}: give pack_images a larger scratch volume (scratch in "
            "--resources), set TMPDIR, or make images_shard_megabytes smaller."
        )


def _steps(config: ImagesSettings, plan: Plan, checkpoints: CheckpointStore) -> Iterator[Step]:
    for number in range(config.part, len(plan.blocks), config.parts):
        yield from steps_of(config, plan, number, checkpoints)


def _told(steps: Iterator[Step]) -> Iterator[Step]:
    """The steps, while the person who waits is told of them."""
    packed, unreadable = 0, 0
    progress = Progress("packing", 0, "images")
    for step in _told_of_restored(steps):
        packed += 0 if step.is_restored else len(step.rows)
        unreadable += _unreadable(step)
        progress.update(packed)
        yield step
    progress.finish(f"{unreadable} unreadable")


def _told_of_restored(steps: Iterator[Step]) -> Iterator[Step]:
    restored, is_said = 0, False
    for step in steps:
        restored += len(step.rows) if step.is_restored else 0
        if restored and not (step.is_restored or is_said):
            is_said = True
            say(f"pack_images: goes on after {restored:,} images")
        yield step
    if restored and not is_said:
        say(f"pack_images: goes on after {restored:,} images, which are all")


def _count(counts: dict[str, float], step: Step) -> None:
    rows = step.rows
    counts["images"] += len(rows)
    counts["packed"] += pc.sum(pc.not_equal(rows["shard"], "")).as_py() or 0
    counts["unreadable"] += _unreadable(step)
    counts["shards"] += len(step.facts.shards)
    counts["megabytes"] += (pc.sum(rows["length"]).as_py() or 0) / MILLION


def _unreadable(step: Step) -> int:
    return int(pc.sum(pc.not_equal(step.rows["reason"], "")).as_py() or 0)
