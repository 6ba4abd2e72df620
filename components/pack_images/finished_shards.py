"""What has been packed so far, kept a shard at a time, so that a killed packing goes on.

Each finished shard has a checkpoint of its own, written once: its rows, what was left out on the
way to it, and how many images are done with it. The next shard begins with the next image, so that
the shards and the index are those of an undisturbed packing, byte for byte.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from components.pack_images.shards import is_kept
from components.prepare_images.duplicates import Duplicates
from components.prepare_images.splits import TRAIN, Assigned
from components.shared.execution.progress import say
from components.shared.images.index import INDEX_COLUMNS
from components.shared.storage.checkpoint import CheckpointStore

Row = Mapping[str, Any]
"""An image in a shard: number (among the images to pack), offset, length, checksum (hexadecimal,
of its bytes there) and source (16 bytes, the checksum of its bytes in the source)."""

CHECKSUM_BYTES = 16
_WHOLE_NUMBERS = ("number", "offset", "length")


@dataclass
class Packed:
    """What has become of the images so far.

    Attributes:
        images: All that are to be packed, in order.
        duplicates: Of held-out images.
        columns: Of the index: the rows of all finished shards.
        unreadable: Path and reason of the images that could not be read.
        shards: Addresses of the finished shards, in order.
        done: How many of the images are packed or left out.
        kept: How many images, unreadable ones and duplicates are in checkpoints.
    """

    images: Sequence[Assigned]
    duplicates: Duplicates
    columns: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in INDEX_COLUMNS}
    )
    unreadable: list[dict[str, str]] = field(default_factory=list)
    shards: list[str] = field(default_factory=list)
    done: int = 0
    kept: tuple[int, int, int] = (0, 0, 0)


def keeper(packed: Packed, checkpoints: CheckpointStore) -> Callable[[str, Sequence[Row]], None]:
    """What takes in each shard that has come into the store, and keeps a checkpoint of it."""

    def keep(uri: str, rows: Sequence[Row]) -> None:
        first, unreadable, duplicates = packed.kept
        metadata = {
            "shard": uri,
            "first": first,
            "done": packed.done,
            "unreadable": packed.unreadable[unreadable:],
            "duplicates": packed.duplicates.found[duplicates:],
        }
        checkpoints.save(_name(len(packed.shards)), _arrays(rows), metadata)
        _take_in(packed, uri, rows)

    return keep


def restore(packed: Packed, checkpoints: CheckpointStore) -> None:
    """Take in the shards that a killed packing had finished and that are still in the store."""
    while found := checkpoints.load(_name(len(packed.shards))):
        arrays, state = found
        # Others may lie behind a shard that was made anew.
        if state["first"] != packed.done or not is_kept(state["shard"]):
            break
        _take_back(packed, _rows(arrays), state)
    if packed.done:
        say(f"prepare_images: goes on after {len(packed.shards)} shards, {packed.done:,} images")


def _take_back(packed: Packed, rows: Sequence[Row], state: Mapping[str, Any]) -> None:
    packed.done = state["done"]
    packed.unreadable += state["unreadable"]
    for row in rows:
        image = packed.images[row["number"]]
        if image.split == TRAIN:
            packed.duplicates.take_in(image, row["source"])
    packed.duplicates.found += state["duplicates"]
    _take_in(packed, state["shard"], rows)


def _take_in(packed: Packed, uri: str, rows: Sequence[Row]) -> None:
    """Put a shard's rows into the index."""
    # Columns of 14 million rows take a third of the memory that as many dictionaries do.
    for row in rows:
        full = {**row, "shard": uri, **_facts(packed.images[row["number"]])}
        for name, values in packed.columns.items():
            values.append(full[name])
    packed.shards.append(uri)
    packed.kept = packed.done, len(packed.unreadable), len(packed.duplicates.found)


def _facts(image: Assigned) -> dict[str, Any]:
    source = image.source
    return {
        "wnid": source.wnid,
        "split": image.split,
        "path": source.path,
        "seen": image.seen,
    }


def _name(shard: int) -> str:
    return f"shard_{shard:06}"


def _arrays(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    checksums = {
        "checksum": bytes.fromhex("".join(row["checksum"] for row in rows)),
        "source": b"".join(row["source"] for row in rows),
    }
    return {
        **{name: np.array([row[name] for row in rows], np.int64) for name in _WHOLE_NUMBERS},
        **{name: np.frombuffer(data, np.uint8) for name, data in checksums.items()},
    }


def _rows(arrays: Mapping[str, np.ndarray]) -> list[Row]:
    numbers = (arrays[name].tolist() for name in _WHOLE_NUMBERS)
    checksums = (arrays[name].reshape(-1, CHECKSUM_BYTES) for name in ("checksum", "source"))
    return [
        {
            **{"number": number, "offset": offset, "length": length},
            **{"checksum": checksum.tobytes().hex(), "source": source.tobytes()},
        }
        for number, offset, length, checksum, source in zip(*numbers, *checksums, strict=True)
    ]
