"""What has been packed so far, kept a step at a time, so that a killed packing goes on.

A step ends with a block, or in a tar that is larger than a block. Its images lie in shards that
hold no others, so that blocks, in whatever order and by whatever part they are packed, give the
same shards. Each finished step has a checkpoint of its own, written once; the next step begins with
the next image, so that shards and rows are those of an undisturbed packing, byte for byte.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from components.pack_images.entries import START, Entry, Place, entries_of
from components.pack_images.listing import Source
from components.pack_images.plan import Piece, Plan, Tar
from components.pack_images.recoding import Recoded, reason_of, recode_all
from components.pack_images.shards import ShardWriter, shard_bytes
from components.pack_images.wanted import Wanted
from components.shared.images.parts import SCHEMA, PartFacts
from components.shared.images.shards import is_kept
from components.shared.settings.images import ImagesSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.shared.storage.names import named


@dataclass
class Step:
    """What became of a step's images.

    Attributes:
        rows: Of each image, in the columns of the part's table.
        facts: What was found besides, and the shards.
        after: Where the next step of the block begins; None: the block is done.
        is_restored: Whether it was packed before.
    """

    rows: pa.Table
    facts: PartFacts
    after: Place | None
    is_restored: bool = False


def steps_of(
    config: ImagesSettings, plan: Plan, number: int, checkpoints: CheckpointStore
) -> Iterator[Step]:
    """Pack a block, or take what a killed packing had finished of it and is still in the store.

    Args:
        config: How to pack.
        plan: The blocks.
        number: Of the block.
        checkpoints: Where steps are kept.
    """
    place: Place | None = START
    count = 0
    while place is not None:
        begin = _beginning(config, plan.blocks[number], place)
        step = _restored(checkpoints, _name(number, count), begin)
        if step is None:
            break
        yield step
        place, count = step.after, count + 1
    if place is None:
        return
    for following, step in enumerate(_packed(config, plan, number, place), count):
        begin = _beginning(config, plan.blocks[number], place)
        _keep(checkpoints, _name(number, following), begin, step)
        yield step
        place = step.after or place


def _packed(config: ImagesSettings, plan: Plan, number: int, start: Place) -> Iterator[Step]:
    most = shard_bytes(config)
    entries = entries_of(plan.blocks[number], plan.asked, Wanted(config, plan.taught), most, start)
    rest = recode_all(config, entries)
    after: Place | None = start
    while after is not None:
        with _Packing(config.store_uri, most) as packing:
            after = packing.take_step(rest)
        yield Step(packing.table(), packing.facts, after)


class _Packing:
    """A step under way; a context manager, whose end puts the last shards.

    Each part of the images has shards of its own, so that training streams nothing else.
    """

    def __init__(self, store_uri: str, shard_bytes: int) -> None:
        self.store_uri, self.shard_bytes = store_uri, shard_bytes
        self.facts = PartFacts()
        self._columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
        self._writers: dict[str, ShardWriter] = {}
        self._opened = ExitStack()

    def take_step(self, entries: Iterator[tuple[Entry, Recoded | None]]) -> Place | None:
        """Take entries up to the end of a step; return where the next begins, None at the last."""
        for entry, recoded in entries:
            if entry.facts:
                self.facts.add(entry.facts)
            if entry.source:
                self._take(entry.source, entry.part, recoded)
            if entry.after:
                return entry.after
        return None

    def table(self) -> pa.Table:
        return pa.table(self._columns, SCHEMA)

    def _take(self, source: Source, part: str, recoded: Recoded | None) -> None:
        number = len(self._columns["path"])
        data = recoded.data if recoded else b""
        row = {
            **{"path": source.path, "uri": named(source.uri), "row": source.row},
            **{"shard": "", "offset": 0, "length": 0, "checksum": ""},
            "source": recoded.checksum if recoded else b"",
            "reason": reason_of(data) if isinstance(data, Exception) else "",
        }
        for name, value in row.items():
            self._columns[name].append(value)
        if isinstance(data, bytes) and recoded:
            self._writer(part).add(data, {"number": number})

    def _writer(self, part: str) -> ShardWriter:
        if part not in self._writers:
            writer = ShardWriter(self.store_uri, self.shard_bytes, self._keep)
            self._writers[part] = self._opened.enter_context(writer)
        return self._writers[part]

    def _keep(self, uri: str, rows: Sequence[dict[str, Any]]) -> None:
        self.facts.shards.append(uri)
        for row in rows:
            self._columns["shard"][row["number"]] = uri
            for name in ("offset", "length", "checksum"):
                self._columns[name][row["number"]] = row[name]

    def __enter__(self) -> "_Packing":
        return self

    def __exit__(self, *raised: Any) -> None:
        self._opened.__exit__(*raised)


def _beginning(config: ImagesSettings, block: Sequence[Piece], place: Place) -> dict[str, Any]:
    """What a step's checkpoint must begin with, so that it is of this step."""
    first = block[0]
    source = first.item if isinstance(first, Tar) else first
    source = source[0] if isinstance(source, tuple) else source
    return {
        **asdict(place),
        **{"uri": named(source.uri), "pieces": len(block), "megabytes": config.shard_megabytes},
    }


def _name(block: int, step: int) -> str:
    return f"block_{block:06}_{step:06}"


def _keep(checkpoints: CheckpointStore, name: str, begin: Mapping[str, Any], step: Step) -> None:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_table(step.rows)
    after = asdict(step.after) if step.after else None
    state = {"begin": begin, "facts": asdict(step.facts), "after": after}
    rows = np.frombuffer(sink.getvalue(), np.uint8)
    checkpoints.save(name, {"rows": rows}, state)


def _restored(checkpoints: CheckpointStore, name: str, begin: Mapping[str, Any]) -> Step | None:
    """The step that a killed packing had finished, if its shards are still in the store."""
    found = checkpoints.load(name)
    if found is None:
        return None
    arrays, state = found
    if state["begin"] != begin or not all(map(is_kept, state["facts"]["shards"])):
        return None
    with pa.ipc.open_stream(arrays["rows"].tobytes()) as stream:
        rows = stream.read_all()
    after = Place(**state["after"]) if state["after"] else None
    return Step(rows, PartFacts(**state["facts"]), after, is_restored=True)
