"""The two stages of images together: parts packed, then joined."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from support.settings import changed, unchecked

from components.pack_images.entries import entries_of
from components.pack_images.packing import pack_part
from components.pack_images.plan import plan_of
from components.pack_images.wanted import Wanted
from components.prepare_images.joining import join_parts
from components.prepare_images.listing import Listing, listing_of
from components.shared.images.parts import PartFacts
from components.shared.settings.images import ImagesSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

Terms = Mapping[str, Sequence[str]]
MOST = 1 << 30


def packed_parts(
    config: ImagesSettings,
    folder: Path,
    parts: int = 1,
    terms: Terms | None = None,
    checkpoints: CheckpointStore = NOWHERE,
) -> list[Path]:
    """Pack every part; return their folders."""
    folders = [folder / f"part-{number}-of-{parts}" for number in range(parts)]
    for number, part in enumerate(folders):
        pack_part(changed(config, part=number, parts=parts), part, terms, checkpoints)
    return folders


def packed_index(
    config: ImagesSettings,
    index: Path,
    terms: Terms | None = None,
    checkpoints: CheckpointStore = NOWHERE,
    parts: int = 1,
) -> dict[str, float]:
    """Pack the images and write their index."""
    packed = packed_parts(config, index.with_suffix(".parts"), parts, terms, checkpoints)
    return join_parts(config, packed, index, terms)


def find_images(
    uri: str, splits: Sequence[str] = (), ground_truth_uri: str = "", terms: Terms | None = None
) -> Listing:
    """All that is found below an address."""
    return _found(uri, splits, ground_truth_uri, terms)[0]


def contents_of(
    uri: str, splits: Sequence[str] = (), ground_truth_uri: str = "", terms: Terms | None = None
) -> dict[str, bytes]:
    """The bytes of all images below an address, by path and in that order."""
    listing, reads = _found(uri, splits, ground_truth_uri, terms)
    return {image.path: reads[image.number]() for image in listing.images}


def _found(
    uri: str, splits: Sequence[str], ground_truth_uri: str, terms: Terms | None
) -> tuple[Listing, list[Callable[[], bytes]]]:
    config = unchecked(
        ImagesSettings,
        uri=uri,
        held_out_splits=splits or ("val",),
        zero_shot_splits=splits or ("val",),
        ground_truth_uri=ground_truth_uri,
    )
    plan, wanted = plan_of(config, terms), Wanted(config)
    facts, rows = PartFacts(), []
    reads: list[Callable[[], bytes]] = []
    facts.add(plan.facts)
    for block in plan.blocks:
        for entry in entries_of(block, plan.asked, wanted, MOST):
            if entry.facts:
                facts.add(entry.facts)
            if source := entry.source:
                rows.append({"path": source.path, "uri": source.uri, "row": source.row})
                reads.append(entry.read or bytes)
    schema = pa.schema({"path": pa.string(), "uri": pa.string(), "row": pa.int64()})
    return listing_of(config, pa.Table.from_pylist(rows, schema), facts), reads
