"""Reader of ImageNet's structure_released.xml, the hierarchy of its fall 2011 release.

Synsets are nested: `<synset wnid="n00017222" words="plant, flora, plant life" gloss="...">`. One
with several parents stands, with all that is below it, in several places, so the file is a
directed graph written out as a tree. Nodes that are no wnid (fall11, the root, and fa11misc) are
ImageNet's own: they belong to the graph, to be hopped over, and are never labels.

The file is streamed.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

from components.prepare_taxonomy.sources import Edge, HierarchySource, split_terms
from components.shared.storage import store
from components.shared.storage.xml_stream import fed
from components.shared.wnids import is_wnid

SYNSET, RELEASE = "synset", "releaseData"


@dataclass
class _Reading:
    """What was read so far; `path` leads from the root to the open synset."""

    uri: str
    parser: expat.XMLParserType
    path: list[str] = field(default_factory=list)
    edges: dict[Edge, None] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    release: str = ""
    in_release: bool = False

    @property
    def place(self) -> str:
        """File and line that the parser stands at."""
        return f"{self.uri}, line {self.parser.CurrentLineNumber}"


def read_structure(uri: str) -> HierarchySource:
    """Read structure_released.xml: terms, (parent, child) pairs once each, and the release.

    Raises:
        ValueError: It is no XML, declares an entity, has no synset, or a synset is broken; file
            and line are named.
    """
    parser = expat.ParserCreate()
    reading = _Reading(uri, parser)
    parser.StartElementHandler = lambda name, attributes: _start(reading, name, attributes)
    parser.EndElementHandler = lambda name: _end(reading, name)
    parser.CharacterDataHandler = lambda text: _text(reading, text)
    with store.open_read(uri) as stream:
        for _ in fed(uri, stream, parser):
            pass
    if not reading.edges:
        raise ValueError(f"{uri} has no nested <synset>: give ImageNet's structure_released.xml.")
    facts = {"release": reading.release.strip()}
    return HierarchySource(list(reading.edges), directed=True, terms=reading.terms, facts=facts)


def _start(reading: _Reading, name: str, attributes: dict[str, str]) -> None:
    reading.in_release = name == RELEASE
    if name != SYNSET:
        return
    wnid = attributes.get("wnid", "").strip()
    if not wnid or len(wnid.split()) != 1:
        raise ValueError(f"{reading.place}: a <synset> needs the attribute wnid: mend it.")
    if wnid in reading.path:
        raise ValueError(f"{reading.place}: {wnid} lies below itself: remove it there.")
    _take_words(reading, wnid, attributes.get("words", "").strip())
    if reading.path:
        reading.edges[reading.path[-1], wnid] = None
    reading.path.append(wnid)


def _take_words(reading: _Reading, wnid: str, words: str) -> None:
    if not is_wnid(wnid):
        return
    if not words:
        raise ValueError(f"{reading.place}: {wnid} has no terms: give it the attribute words.")
    if reading.words.setdefault(wnid, words) != words:
        raise ValueError(
            f"{reading.place}: {wnid} has the terms {words!r}, but {reading.words[wnid]!r} above: "
            "make them the same."
        )
    if wnid not in reading.terms:
        reading.terms[wnid] = split_terms(words, f"{reading.place}: {wnid}")


def _end(reading: _Reading, name: str) -> None:
    reading.in_release = False
    if name == SYNSET:
        reading.path.pop()


def _text(reading: _Reading, text: str) -> None:
    if reading.in_release:
        reading.release += text
