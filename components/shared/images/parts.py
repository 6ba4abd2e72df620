"""One part of the images, as pack_images leaves it and prepare_images takes it.

`images.parquet` has a row for each image of the source that the part has come upon, packed or not;
`part.json` has what else it found there.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.storage.atomic import write_json

IMAGES_FILE, FACTS_FILE = "images.parquet", "part.json"
SCHEMA = pa.schema(
    {
        "path": pa.string(),
        "uri": pa.string(),
        "row": pa.int64(),
        "shard": pa.string(),
        "offset": pa.int64(),
        "length": pa.int64(),
        "checksum": pa.string(),
        "source": pa.binary(),
        "reason": pa.string(),
    }
)
"""Of an image: its path (`<split>/<wnid>/<file>`, or `<split>/<file>` where a list has its class),
the file that holds it and its row there (-1: it is no parquet), where it is packed (an empty shard:
it is not), the checksum of its packed bytes and the one, 16 bytes, of those in the source, and why
it cannot be read (empty: it can, or nobody tried)."""
RIGHT_LAYOUT = "images must lie as <split>/<wnid>/<file>"
UNPACK = "unpack it into a folder of its name, or make it a plain .tar"
"""What sentences tell of a source that is not as it should be."""
_REPEATED = ["uri", "shard", "reason"]


@dataclass
class PartFacts:
    """What a part found in the source besides its images.

    Attributes:
        shards: Addresses of its shards.
        ignored: What is no image, or hidden, as it can be printed.
        nameless: Images whose names are no UTF-8, as they can be printed.
        wnids: Classes that have a folder or a tar, be it empty.
        origins: Origin and first place of each split's images.
        archives: The split that each archive beside the images may stand for.
        with_folders: Tars with class folders: what lies beside these is no image.
        has_tables: Whether there are files of many images with labels.
    """

    shards: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    nameless: list[str] = field(default_factory=list)
    wnids: list[str] = field(default_factory=list)
    origins: dict[str, list[str]] = field(default_factory=dict)
    archives: dict[str, str] = field(default_factory=dict)
    with_folders: list[str] = field(default_factory=list)
    has_tables: bool = False

    def claim(self, split: str, origin: str, place: str) -> None:
        """Note where a split's images come from: from one kind of source only.

        Raises:
            ValueError: They come from another too.
        """
        known, first = self.origins.setdefault(split, [origin, place])
        if known != origin:
            raise ValueError(
                f"The split {split!r} comes from two sources, {first} and {place}: keep "
                "one of them in images_uri."
            )

    def add(self, other: "PartFacts") -> None:
        """Take in what was found elsewhere in the same source.

        Raises:
            ValueError: A split comes from two kinds of source.
        """
        self.shards += other.shards
        self.ignored += other.ignored
        self.nameless += other.nameless
        self.wnids = sorted({*self.wnids, *other.wnids})
        for split, (origin, place) in other.origins.items():
            self.claim(split, origin, place)
        self.archives |= other.archives
        self.with_folders = sorted({*self.with_folders, *other.with_folders})
        self.has_tables |= other.has_tables


@contextmanager
def writing_images(folder: Path) -> Iterator[pq.ParquetWriter]:
    """A writer of a part's images, tables of `SCHEMA`, into its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(folder / IMAGES_FILE, SCHEMA) as writer:
        yield writer


def write_facts(folder: Path, facts: PartFacts) -> None:
    """Write what a part found besides its images."""
    write_json(folder / FACTS_FILE, asdict(facts))


def read_facts(folder: Path) -> PartFacts:
    """What a part found besides its images."""
    return PartFacts(**json.loads((folder / FACTS_FILE).read_text(encoding="utf-8")))


def read_parts(folders: Sequence[Path]) -> tuple[pa.Table, PartFacts]:
    """The images of all parts, and what else they found.

    Args:
        folders: Of all parts of one source.

    Raises:
        ValueError: A split comes from two kinds of source.
    """
    tables = [pq.read_table(one / IMAGES_FILE, read_dictionary=_REPEATED) for one in folders]
    facts = PartFacts()
    for folder in folders:
        facts.add(read_facts(folder))
    return pa.concat_tables(tables).unify_dictionaries(), facts
