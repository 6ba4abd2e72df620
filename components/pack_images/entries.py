"""What lies in a block, one after the other, each image with what reads it.

A tar is read through once: what is in it is recognised, read and handed on as it lies. A large one
is left in steps, at each of which reading can begin again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from components.pack_images.items import Asked, Found, Item
from components.pack_images.layouts.unlabelled import check_loose
from components.pack_images.listing import Source, is_image_name
from components.pack_images.parquet import given, read_images
from components.pack_images.plan import Piece, Rows, Tar
from components.pack_images.sources import item_in, note, recognise
from components.pack_images.tars import Placed, read_tar
from components.pack_images.wanted import Wanted
from components.shared.images.limits import BadImage, check_bytes
from components.shared.images.parts import PartFacts
from components.shared.storage.names import named


@dataclass(frozen=True, slots=True)
class Place:
    """Where to begin in a block, and what is known of the tar there.

    Attributes:
        piece: Number of the piece.
        offset: First byte of a member of the tar that it is; -1: its beginning.
        has_folders: Whether images in class folders have come up in the tar.
        loose: Path of the first image at its top; empty: there was none.
    """

    piece: int = 0
    offset: int = -1
    has_folders: bool = False
    loose: str = ""


START = Place()


@dataclass(frozen=True, slots=True)
class Entry:
    """An image of the source, or what else was found.

    Attributes:
        source: The image; None: it is none.
        part: What it is packed for; empty: nothing.
        read: Gives its bytes; None: it is not packed.
        held: Bytes of it that are in memory already, or will be while it is read.
        facts: What was found besides images.
        after: Where a step ends behind it, the place to begin again at; None: the step goes on.
    """

    source: Source | None = None
    part: str = ""
    read: Callable[[], bytes] | None = None
    held: int = 0
    facts: PartFacts | None = None
    after: Place | None = None


def entries_of(
    block: Sequence[Piece], asked: Asked, wanted: Wanted, most: int, start: Place = START
) -> Iterator[Entry]:
    """Read a block, from its beginning or from where a step ended.

    Args:
        block: Its pieces.
        asked: What the parameters say about the source.
        wanted: Says what is to be packed; it begins anew with each step.
        most: Bytes of the source after which a step ends, where it can.
        start: Where to begin.

    Raises:
        ValueError: A tar or parquet file is broken, or an image has no class.
    """
    wanted.forget()
    for number, piece in enumerate(block[start.piece :], start.piece):
        place = start if number == start.piece else Place(number)
        if isinstance(piece, Tar):
            yield from _Steps(piece, asked, wanted, most, place).entries()
        elif isinstance(piece, Source):
            part = wanted.part(piece)
            yield Entry(piece, part, piece.read, piece.size) if part else Entry(piece)
        else:
            yield from _rows(piece, wanted)


def _rows(rows: Rows, wanted: Wanted) -> Iterator[Entry]:
    parts = [wanted.part(row) for row in rows]
    numbers = [row.row for row, part in zip(rows, parts, strict=True) if part]
    contents = read_images(rows[0].uri, numbers) if numbers else iter(())
    for row, part in zip(rows, parts, strict=True):
        if not part:
            yield Entry(row)
            continue
        data = next(contents)
        yield Entry(row, part, partial(given, data), len(data or b""))
    # Whoever reads to the end is told of rows that are not there.
    next(contents, None)


class _Steps:
    """Reads one tar from a place on."""

    def __init__(self, tar: Tar, asked: Asked, wanted: Wanted, most: int, start: Place) -> None:
        self.tar, self.asked, self.wanted, self.most = tar, asked, wanted, most
        self.place, self.read = start, 0
        self.claimed: set[str] = set()

    def entries(self) -> Iterator[Entry]:
        tar = self.tar
        start = tar.start if self.place.offset < 0 else self.place.offset
        for placed in read_tar(tar.item.uri, start, tar.end, tar.inside):
            item = item_in(tar.item, placed.member)
            found = recognise(item, self.asked)
            entry = self._entry(item, found, placed) if found else Entry()
            yield self._ending(entry, placed)
        yield Entry(facts=self._facts_at_the_end())

    def _entry(self, item: Item, found: Found, placed: Placed) -> Entry:
        if found.is_loose:
            return self._loose(item, found, placed)
        if found.file and not self.place.has_folders:
            self.place = replace(self.place, has_folders=True)
        facts = PartFacts()
        source = note(item, found, facts)
        if source is None:
            return Entry(facts=facts)
        is_new = source.split not in self.claimed
        self.claimed.add(source.split)
        return self._image(source, placed, facts if is_new else None)

    def _loose(self, item: Item, found: Found, placed: Placed) -> Entry:
        """Take in what lies at the top; whether it is an image, the end of the tar tells."""
        if self.place.has_folders or not is_image_name(item.path):
            return Entry(facts=PartFacts(ignored=[named(item.path)]))
        if not self.place.loose:
            self.place = replace(self.place, loose=item.path)
        facts = PartFacts()
        source = note(item, found, facts)
        facts.origins.clear()
        if source is None or not self.asked.ground_truth_uri:
            return Entry(source, facts=facts)
        return self._image(source, placed)

    def _image(self, source: Source, placed: Placed, facts: PartFacts | None = None) -> Entry:
        part = self.wanted.part(source)
        if not part:
            return Entry(source, facts=facts)
        try:
            check_bytes(placed.member.size)
        except BadImage as error:
            return Entry(source, part, partial(_refuse, error), facts=facts)
        data = placed.read()
        return Entry(source, part, lambda: data, len(data), facts)

    def _ending(self, entry: Entry, placed: Placed) -> Entry:
        self.read += placed.member.size
        if self.read < self.most or placed.after < 0:
            return entry
        self.read = 0
        self.wanted.forget()
        self.place = replace(self.place, offset=placed.after)
        return replace(entry, after=self.place)

    def _facts_at_the_end(self) -> PartFacts:
        facts, tar = PartFacts(), self.tar.item
        if self.place.has_folders:
            facts.with_folders.append(named(tar.uri))
        elif self.place.loose:
            item = Item(self.place.loose, tar.uri, tar=tar.path)
            found = recognise(item, self.asked)
            assert found is not None, "it was one before"
            check_loose(item, found, self.asked)
            facts.claim(found.split, found.origin, item.place)
        return facts


def _refuse(error: BadImage) -> bytes:
    raise error
