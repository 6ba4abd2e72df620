"""The source cut into blocks, which the parts take in turn.

Nothing but the names and sizes of files decides where a block ends, and in a tar of class tars
those of its members, so that blocks, shards and index are the same however many parts there are. A
block holds about as many bytes of the source as a shard may, or one tar or parquet file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from components.pack_images.items import Asked, Item
from components.pack_images.layouts.class_folders import local_class_folders
from components.pack_images.layouts.compressed import is_archive
from components.pack_images.listing import Source, is_image_name
from components.pack_images.parquet import PARQUET
from components.pack_images.shards import shard_bytes
from components.pack_images.sources import item_in, item_of, members_of, note, recognise
from components.pack_images.tables import list_tables
from components.pack_images.tars import TAR, Member, class_of, outer_members, read_tar
from components.shared.images.ground_truth import read_wnids
from components.shared.images.parts import PartFacts
from components.shared.images.splits import used_splits, zero_shot_only
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store
from components.shared.storage.backend import FileState
from components.shared.storage.names import named


@dataclass(frozen=True, slots=True)
class Tar:
    """A tar that is read in one pass: a file, or a class tar in one.

    Attributes:
        item: The file.
        start: Its first byte there.
        end: The byte behind it; -1: the file's end.
        inside: Its path in the tar that the file is; empty: it is the file.
    """

    item: Item
    start: int = 0
    end: int = -1
    inside: str = ""


Rows = tuple[Source, ...]
"""Those of one parquet file, as they lie."""
Piece = Source | Rows | Tar
Sized = tuple[Piece, int]
"""A piece with its bytes."""


@dataclass(frozen=True)
class Plan:
    """What all parts know of the source before its images are read.

    Attributes:
        asked: What the parameters say about the source.
        blocks: The pieces of each, in order.
        facts: What names alone tell: classes, origins, files that are no images.
        taught: Classes that names, and the first image of a class tar, show to have images in other
            splits than those that are only there for zero-shot tests.
    """

    asked: Asked
    blocks: Sequence[Sequence[Piece]]
    facts: PartFacts
    taught: frozenset[str]


def plan_of(config: ImagesSettings, terms: Mapping[str, Sequence[str]] | None = None) -> Plan:
    """List the files below images_uri, the class tars of tars of these, and the labels of tables.

    Args:
        config: The source and its splits.
        terms: Terms of each synset by wnid, to resolve the class names of parquet files.

    Raises:
        ValueError: Nothing is there, a path has another layout, a file is broken or compressed, or
            a split comes from two sources.
    """
    asked, facts = Asked(used_splits(config), config.ground_truth_uri), PartFacts()
    listed = store.listed(config.uri)
    facts.ignored += listed.passed_over
    tables: list[tuple[str, FileState]] = []
    pieces: list[Sized] = []
    for state in listed.files:
        pieces += _pieces(config.uri, state, asked, facts, tables)
    pieces += _tables(asked, tables, terms or {}, tuple(pieces))
    files = [state.uri for state in listed.files]
    wnids = local_class_folders(config.uri, files, (TAR, PARQUET))
    facts.add(PartFacts(wnids=sorted(wnids), has_tables=bool(tables)))
    facts.archives |= _archives(facts.ignored, asked)
    blocks = list(blocks_of(pieces, shard_bytes(config)))
    return Plan(asked, blocks, facts, _taught(config, asked, [piece for piece, _ in pieces]))


def blocks_of(pieces: Iterable[Sized], most: int) -> Iterator[list[Piece]]:
    """Cut into blocks of no more than `most` bytes, but of one piece at least."""
    block: list[Piece] = []
    held = 0
    for piece, size in pieces:
        if block and held + size > most:
            yield block
            block, held = [], 0
        block.append(piece)
        held += size
    if block:
        yield block


def _pieces(
    uri: str,
    state: FileState,
    asked: Asked,
    facts: PartFacts,
    tables: list[tuple[str, FileState]],
) -> Iterator[Sized]:
    """Yield what is to be read of a file; one of many images with labels goes to the tables."""
    item, size = item_of(uri, state.uri), state.size or 0
    found = recognise(item, asked)
    if found is None:
        return
    if source := note(item, found, facts):
        yield replace(source, size=size), size
    elif found.is_tar:
        members = [] if class_of(item.path) else outer_members(item.uri)
        yield from _members(item, members, asked, facts) if members else [(Tar(item), size)]
    elif found.split and not found.wnid and not found.file:
        tables.append((found.split, state))


def _members(
    tar: Item, members: Iterable[Member], asked: Asked, facts: PartFacts
) -> Iterator[Sized]:
    """Yield what is to be read of a tar of class tars."""
    for member in members:
        item = item_in(tar, member)
        found = recognise(item, asked)
        if found is None:
            continue
        if found.is_loose:
            facts.ignored.append(named(item.path))
        elif source := note(item, found, facts):
            yield replace(source, size=member.size), member.size
        if class_of(member.name):
            end = member.offset + member.size
            yield Tar(tar, member.offset, end, member.name), member.size


def _tables(
    asked: Asked,
    tables: Sequence[tuple[str, FileState]],
    terms: Mapping[str, Sequence[str]],
    others: Iterable[Sized],
) -> Iterator[Sized]:
    sizes = {state.uri: state.size or 0 for _, state in tables}
    wnids = _wnids_by_number(asked, others) if tables else []
    places = [(split, state.uri) for split, state in tables]
    rows = list_tables(places, terms, wnids, asked.ground_truth_uri)
    for uri, of_file in groupby(rows, lambda row: row.uri):
        yield tuple(of_file), sizes[uri]


def _wnids_by_number(asked: Asked, others: Iterable[Sized]) -> list[str]:
    """The classes of numbered labels, where the ground-truth list is one of them."""
    if not asked.ground_truth_uri or any(_is_unlabelled(piece, asked) for piece, _ in others):
        return []
    return read_wnids(asked.ground_truth_uri)


def _is_unlabelled(piece: Piece, asked: Asked) -> bool:
    """Whether a list has the class of a piece, or of the first file of a tar."""
    if isinstance(piece, Source):
        return not piece.wnid
    if not isinstance(piece, Tar) or piece.inside or class_of(piece.item.path):
        return False
    first = next((member for member in members_of(piece.item) if not member.is_folder), None)
    found = first and recognise(first, asked)
    return bool(first and found and found.is_loose and is_image_name(first.path))


def _archives(ignored: Iterable[str], asked: Asked) -> dict[str, str]:
    """The split whose folder each archive may stand for, by its path."""
    paths = filter(is_archive, ignored)
    return {path: asked.split(path.rpartition("/")[2].rpartition(".")[0]) for path in paths}


def _taught(config: ImagesSettings, asked: Asked, pieces: Iterable[Piece]) -> frozenset[str]:
    others, taught = zero_shot_only(config), set[str]()
    for piece in pieces if others else ():
        wnids = {wnid for split, wnid in _places(piece, asked) if wnid and split not in others}
        if not wnids <= taught and _has_images(piece, asked):
            taught |= wnids
    return frozenset(taught)


def _has_images(piece: Piece, asked: Asked) -> bool:
    """Whether a piece is more than a name: a class tar may be empty, or hold no image."""
    if not isinstance(piece, Tar):
        return True
    members = read_tar(piece.item.uri, piece.start, piece.end, piece.inside)
    items = (item_in(piece.item, placed.member) for placed in members)
    found = ((item, recognise(item, asked)) for item in items)
    return any(what and note(item, what, PartFacts()) for item, what in found)


def _places(piece: Piece, asked: Asked) -> Iterable[tuple[str, str]]:
    """Split and class of a piece's images, as far as names tell."""
    if isinstance(piece, Source):
        return [(piece.split, piece.wnid)]
    if not isinstance(piece, Tar):
        return {(row.split, row.wnid) for row in piece}
    wnid = class_of(piece.inside or piece.item.path)
    if not wnid:
        return []
    inner = Item("image", piece.item.uri, tar=piece.item.path, inside=piece.inside)
    found = recognise(inner, asked)
    return [(found.split, wnid)] if found else []
