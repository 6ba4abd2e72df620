"""The classes of the quickstart data: 24 kinds in six families, and the hierarchy above them.

A kind is a point in a small space of attributes (family, colour, pattern). The text speaks of those
attributes and the images show them, so a model that learns both can place a kind it has never seen.
The list holds on purpose what real label sets hold: multi-word terms, synonyms, a first term that
the text never uses, a term that stands for two synsets, and a kind that the text never mentions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from components.shared.settings.presets import QUICKSTART_UNSEEN


@dataclass(frozen=True)
class Kind:
    """A leaf class.

    Attributes:
        wnid: Its name in the hierarchy and its folder's name among the images.
        terms: Its terms as words.txt gives them, first term first.
        group: The wnid of the inner node above it.
        family, colour, pattern: The attributes that text and images share.
        spoken: What the text calls it; empty for the kind that the text never mentions.
        own: Words that the text uses for this kind alone.
        slenderness: Width by height of the drawn shape, this kind's own.
    """

    wnid: str
    terms: tuple[str, ...]
    group: str
    family: str
    colour: str
    pattern: str
    spoken: tuple[str, ...]
    own: tuple[str, ...]
    slenderness: float


def _kind(
    wnid: str, terms: str, look: str, own: str, slenderness: float, spoken: str | None = None
) -> Kind:
    names = tuple(terms.split(", "))
    family, colour, pattern = look.split()
    words = names if spoken is None else tuple(word for word in spoken.split(", ") if word)
    return Kind(wnid, names, GROUPS[wnid[:6]], family, colour, pattern, words, tuple(own.split()),
                slenderness)  # fmt: skip


# The first six characters of a kind's wnid -> the inner node it hangs from.
GROUPS = {
    "n90110": "n90000011",  # songbird
    "n90120": "n90000012",  # wading bird
    "n90210": "n90000021",  # shark
    "n90220": "n90000022",  # reef fish
    "n90310": "n90000031",  # citrus
    "n90320": "n90000032",  # a node without terms
    "n90410": "n90000041",  # emergency vehicle
    "n90420": "n90000042",  # working vehicle
    "n90510": "n90000005",  # flower
    "n90610": "n90000061",  # beetle and bee
    "n90620": "n90000062",  # a node without terms
}

KINDS: tuple[Kind, ...] = (
    _kind("n90110001", "American robin, robin, redbreast", "bird red plain",
          "lawn earthworm thrush", 1.0, spoken="robin, redbreast"),
    _kind("n90110002", "golden pheasant", "bird yellow spotted",
          "gamekeeper covert grouse", 1.3, spoken="pheasant"),
    _kind("n90120001", "crane", "bird white plain", "wetland migration dance", 0.75),
    _kind("n90120002", "kingfisher, halcyon", "bird blue striped", "riverbank minnow plunge", 1.1),
    _kind("n90210001", "tiger shark", "fish white striped", "turtle surfer predator", 1.5),
    _kind("n90210002", "blue shark, great blue shark", "fish blue plain",
          "pelagic longline squid", 1.7, spoken="blue shark"),
    _kind("n90210003", "leopard shark", "fish yellow spotted", "kelp estuary crab", 1.4),
    _kind("n90220001", "clownfish, anemone fish", "fish red striped",
          "anemone tentacles symbiosis", 1.0),
    _kind("n90310001", "lemon", "fruit yellow plain", "sour lemonade zest", 1.25),
    _kind("n90320001", "strawberry", "fruit red spotted", "cream shortcake jam", 0.85),
    _kind("n90320002", "watermelon", "fruit green striped", "picnic slice rind", 1.35),
    _kind("n90320003", "blueberry, bilberry", "fruit blue plain", "muffin pancake heath", 1.0),
    _kind("n90410001", "fire engine, fire truck", "vehicle red plain",
          "ladder siren hydrant", 1.3),
    _kind("n90410002", "police van, police wagon, paddy wagon", "vehicle blue striped",
          "officer patrol arrest", 1.1, spoken="police van, police wagon"),
    _kind("n90420001", "school bus", "vehicle yellow striped", "pupils teacher timetable", 1.5),
    _kind("n90420002", "crane", "vehicle green plain", "hoist girder scaffolding", 0.9),
    _kind("n90510001", "poppy, corn poppy", "flower red plain",
          "remembrance opium wheat", 1.0, spoken="poppy"),
    _kind("n90510002", "cornflower, bluebottle", "flower blue striped",
          "barley dye harvest", 1.1),
    _kind("n90510003", "edelweiss, Leontopodium alpinum", "flower white spotted",
          "", 0.9, spoken=""),
    _kind("n90510004", "sunflower, helianthus", "flower yellow plain", "oil sunshine tall", 1.0),
    _kind("n90610001", "ladybug, ladybird", "insect red spotted", "aphid luck gardener", 1.0),
    _kind("n90610002", "bumblebee, humblebee", "insect yellow striped", "nectar clover sting", 1.2),
    _kind("n90620001", "grasshopper, hopper", "insect green plain", "chirp locust leap", 1.6),
    _kind("n90620002", "morpho butterfly, morpho", "insect blue spotted",
          "rainforest iridescent collector", 0.85),
)  # fmt: skip

UNSEEN: tuple[str, ...] = tuple(QUICKSTART_UNSEEN)

# Inner nodes: wnid -> (parent, terms). Two are without terms, as in the released ImageNet graph.
INNER: dict[str, tuple[str, tuple[str, ...]]] = {
    "n90000000": ("", ("entity",)),
    "n90000007": ("n90000000", ("animal", "creature")),
    "n90000008": ("n90000000", ("plant",)),
    "n90000009": ("n90000000", ("artifact",)),
    "n90000001": ("n90000007", ("bird",)),
    "n90000002": ("n90000007", ("fish",)),
    "n90000006": ("n90000007", ("insect",)),
    "n90000003": ("n90000008", ("fruit",)),
    "n90000005": ("n90000008", ("flower", "blossom")),
    "n90000004": ("n90000009", ("vehicle",)),
    "n90000011": ("n90000001", ("songbird",)),
    "n90000012": ("n90000001", ("wading bird", "wader")),
    "n90000021": ("n90000002", ("shark",)),
    "n90000022": ("n90000002", ("reef fish",)),
    "n90000031": ("n90000003", ("citrus", "citrus fruit")),
    "n90000032": ("n90000003", ()),
    "n90000041": ("n90000004", ("emergency vehicle",)),
    "n90000042": ("n90000004", ("working vehicle",)),
    "n90000061": ("n90000006", ("flying insect",)),
    "n90000062": ("n90000006", ()),
}


def edges() -> Iterator[tuple[str, str]]:
    """Yield every edge of the hierarchy once, as a pair in alphabetical order."""
    for wnid, (parent, _) in INNER.items():
        if parent:
            yield min(wnid, parent), max(wnid, parent)
    for kind in KINDS:
        yield min(kind.wnid, kind.group), max(kind.wnid, kind.group)


def terms() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (wnid, terms) of every synset that has terms, inner nodes first."""
    for wnid, (_, names) in INNER.items():
        if names:
            yield wnid, names
    for kind in KINDS:
        yield kind.wnid, kind.terms
