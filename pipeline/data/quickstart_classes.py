"""The classes of the quickstart data: 72 kinds of 16 sorts in seven families, and their hierarchy.

A kind is a point in a small space of attributes (family, sort, colour, pattern). The text speaks of
those attributes and the images show them, so a model that learns both can place a kind it has never
seen: beside the others of its sort, by the colour and pattern that it shares with still others.
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
        colour, pattern: The attributes that kinds of several families share.
        spoken: What the text calls it; empty for the kind that the text never mentions.
        own: Words that the text uses for this kind alone.
        slenderness: Width by height of the drawn shape, this kind's own.
    """

    wnid: str
    terms: tuple[str, ...]
    colour: str
    pattern: str
    spoken: tuple[str, ...]
    own: tuple[str, ...]
    slenderness: float

    @property
    def group(self) -> str:
        """The wnid of the inner node above it: n90000021 of n90210001."""
        return f"n900000{self.wnid[3:5]}"

    @property
    def sort(self) -> str:
        """What it has in common with the kinds of its group alone."""
        return SORTS[self.group]

    @property
    def family(self) -> str:
        """The first term of the node above its group."""
        return INNER[INNER[self.group][0]][1][0]


def _kind(
    wnid: str, terms: str, look: str, own: str, slenderness: float, spoken: str | None = None
) -> Kind:
    names = tuple(terms.split(", "))
    colour, pattern = look.split()
    words = names if spoken is None else tuple(word for word in spoken.split(", ") if word)
    return Kind(wnid, names, colour, pattern, words, tuple(own.split()), slenderness)


KINDS: tuple[Kind, ...] = (
    _kind("n90110001", "American robin, robin, redbreast", "red plain", "lawn earthworm thrush",
          1.0, spoken="robin, redbreast"),
    _kind("n90110002", "canary", "yellow plain", "cage miner island", 1.05),
    _kind("n90110003", "bluebird", "blue plain", "nestbox happiness prairie", 1.1),
    _kind("n90110004", "starling", "black spotted", "murmuration dusk mimic", 0.95),
    _kind("n90120001", "crane", "white plain", "wetland migration dance", 0.75),
    _kind("n90120002", "kingfisher, halcyon", "blue striped", "riverbank minnow plunge", 1.1),
    _kind("n90120003", "flamingo", "red plain", "brine shrimp croquet", 0.7),
    _kind("n90120004", "bittern", "brown striped", "fen boom camouflage", 0.85),
    _kind("n90130001", "golden pheasant", "yellow spotted", "mountains courtship cape", 1.3,
          spoken="pheasant"),
    _kind("n90130002", "guinea fowl, guinea", "black spotted", "helmet farmyard tick", 1.15),
    _kind("n90130003", "partridge", "brown striped", "pear covey christmas", 1.2),
    _kind("n90210001", "tiger shark", "white striped", "turtle surfer licence", 1.5),
    _kind("n90210002", "blue shark, great blue shark", "blue plain", "pelagic longline squid", 1.7,
          spoken="blue shark"),
    _kind("n90210003", "leopard shark", "yellow spotted", "kelp estuary crab", 1.4),
    _kind("n90210004", "great white shark, white shark", "white plain", "seal breach cinema", 1.45,
          spoken="great white shark"),
    _kind("n90210005", "whale shark", "blue spotted", "plankton giant filter", 1.6),
    _kind("n90210006", "zebra shark", "yellow striped", "sandbank whelk nocturnal", 1.75),
    _kind("n90210007", "nurse shark, carpet shark", "brown plain", "cave suction lethargy", 1.35),
    _kind("n90220001", "clownfish, anemone fish", "red striped", "anemone tentacles symbiosis",
          1.0),
    _kind("n90220002", "surgeonfish, tang", "blue plain", "scalpel spine algae", 1.1),
    _kind("n90220003", "boxfish", "yellow spotted", "cube armour toxin", 0.8),
    _kind("n90220004", "angelfish", "white striped", "pair ledge elegance", 0.75),
    _kind("n90220005", "damselfish, demoiselle", "blue spotted", "territory quarrel damsel", 0.9),
    _kind("n90310001", "lemon", "yellow plain", "sour lemonade sorbet", 1.25),
    _kind("n90310002", "blood orange", "red plain", "sicily breakfast vitamin", 1.0),
    _kind("n90310003", "lime", "green plain", "tequila scurvy chutney", 1.1),
    _kind("n90310004", "citron", "yellow spotted", "perfume candied ritual", 1.35),
    _kind("n90320001", "strawberry", "red spotted", "shortcake wimbledon runner", 0.85),
    _kind("n90320002", "watermelon", "green striped", "picnic slice thirst", 1.35),
    _kind("n90320003", "blueberry, bilberry", "blue plain", "muffin pancake heath", 1.0),
    _kind("n90320004", "blackberry", "black spotted", "crumble thorn telephone", 0.9),
    _kind("n90320005", "cranberry", "red plain", "bog turkey thanksgiving", 1.1),
    _kind("n90410001", "fire engine, fire truck", "red plain", "ladder hose hydrant", 1.3),
    _kind("n90410002", "police van, police wagon, paddy wagon", "blue striped",
          "officer riot arrest", 1.1, spoken="police van, police wagon"),
    _kind("n90410003", "ambulance", "white striped", "stretcher hospital paramedic", 1.2),
    _kind("n90410004", "patrol car, squad car, prowl car", "white checked",
          "sheriff pursuit highway", 1.5, spoken="patrol car, squad car"),
    _kind("n90420001", "school bus", "yellow striped", "pupils teacher timetable", 1.5),
    _kind("n90420002", "crane", "green plain", "hoist girder scaffolding", 0.9),
    _kind("n90420003", "tractor", "red plain", "plough furrow barn", 1.1),
    _kind("n90420004", "taxi, cab, taxicab", "yellow checked", "fare airport rank", 1.4,
          spoken="taxi, taxicab"),
    _kind("n90420005", "garbage truck, dustcart", "green striped", "rubbish bin landfill", 1.25),
    _kind("n90510001", "poppy, corn poppy", "red plain", "remembrance opium wheat", 1.0,
          spoken="poppy"),
    _kind("n90510002", "cornflower, bluebottle", "blue striped", "barley dye harvest", 1.1),
    _kind("n90510003", "edelweiss, Leontopodium alpinum", "white spotted", "", 0.9, spoken=""),
    _kind("n90510004", "sunflower, helianthus", "yellow plain", "oil sunshine tall", 1.05),
    _kind("n90510005", "daisy, oxeye", "white plain", "chain lovesick innocence", 0.95),
    _kind("n90520001", "tulip", "red striped", "dutch mania windmill", 0.85),
    _kind("n90520002", "tiger lily", "red spotted", "trumpet orient temple", 1.1),
    _kind("n90520003", "daffodil, narcissus", "yellow plain", "easter wales poem", 1.0),
    _kind("n90520004", "hyacinth", "blue spotted", "scent myth discus", 0.75),
    _kind("n90610001", "ladybug, ladybird", "red spotted", "aphid luck rhyme", 1.0),
    _kind("n90610002", "bumblebee, humblebee", "yellow striped", "nectar clover hum", 1.2),
    _kind("n90610003", "stag beetle", "black plain", "oak combat antler", 1.4),
    _kind("n90610004", "honeybee", "brown striped", "honey queen beekeeper", 1.3),
    _kind("n90620001", "grasshopper, hopper", "green plain", "locust fable ant", 1.6),
    _kind("n90620002", "cricket", "brown plain", "hearth serenade stump", 1.4),
    _kind("n90620003", "katydid", "green spotted", "debate foliage quinine", 1.5),
    _kind("n90630001", "morpho butterfly, morpho", "blue spotted",
          "rainforest iridescent collector", 0.85),
    _kind("n90630002", "monarch, milkweed butterfly", "red striped", "milkweed mexico roost", 1.1,
          spoken="monarch"),
    _kind("n90630003", "cabbage butterfly", "white plain", "cabbage allotment pest", 0.95),
    _kind("n90630004", "swallowtail", "yellow striped", "fennel parsnip streamer", 1.0),
    _kind("n90710001", "lion, king of beasts", "yellow plain", "mane pride tamer", 1.2,
          spoken="lion"),
    _kind("n90710002", "tiger", "yellow striped", "bengal poacher mangrove", 1.3),
    _kind("n90710003", "leopard", "yellow spotted", "acacia baboon ambush", 1.1),
    _kind("n90710004", "panther, black panther", "black plain", "midnight shadow comic", 1.25,
          spoken="panther"),
    _kind("n90710005", "snow leopard, ounce", "white spotted", "himalaya ibex altitude", 1.0,
          spoken="snow leopard"),
    _kind("n90710006", "tabby, tabby cat", "brown striped", "sofa saucer mouse", 0.9,
          spoken="tabby"),
    _kind("n90720001", "zebra", "white striped", "barcode crossing lioness", 1.1),
    _kind("n90720002", "giraffe, camelopard", "yellow checked", "neck treetop drought", 0.7,
          spoken="giraffe"),
    _kind("n90720003", "bison", "brown plain", "stampede hide frontier", 1.3),
    _kind("n90720004", "fallow deer", "brown spotted", "park manor rut", 1.0),
    _kind("n90720005", "okapi", "brown striped", "congo shy explorer", 0.9),
)  # fmt: skip

UNSEEN: tuple[str, ...] = tuple(QUICKSTART_UNSEEN)

# Inner nodes: wnid -> (parent, terms). Two are without terms, as in the released ImageNet graph.
INNER: dict[str, tuple[str, tuple[str, ...]]] = {
    "n90000000": ("", ("entity",)),
    "n90000091": ("n90000000", ("animal", "creature")),
    "n90000092": ("n90000000", ("plant",)),
    "n90000093": ("n90000000", ("artifact",)),
    "n90000001": ("n90000091", ("bird",)),
    "n90000002": ("n90000091", ("fish",)),
    "n90000003": ("n90000092", ("fruit",)),
    "n90000004": ("n90000093", ("vehicle",)),
    "n90000005": ("n90000092", ("flower", "blossom")),
    "n90000006": ("n90000091", ("insect",)),
    "n90000007": ("n90000091", ("mammal",)),
    "n90000011": ("n90000001", ("songbird",)),
    "n90000012": ("n90000001", ("water bird", "waterfowl")),
    "n90000013": ("n90000001", ("game bird",)),
    "n90000021": ("n90000002", ("shark",)),
    "n90000022": ("n90000002", ("reef fish",)),
    "n90000031": ("n90000003", ("citrus", "citrus fruit")),
    "n90000032": ("n90000003", ()),
    "n90000041": ("n90000004", ("emergency vehicle",)),
    "n90000042": ("n90000004", ("working vehicle",)),
    "n90000051": ("n90000005", ("wildflower", "wild flower")),
    "n90000052": ("n90000005", ("bulbous plant",)),
    "n90000061": ("n90000006", ("flying insect",)),
    "n90000062": ("n90000006", ()),
    "n90000063": ("n90000006", ("butterfly",)),
    "n90000071": ("n90000007", ("cat", "feline")),
    "n90000072": ("n90000007", ("hoofed mammal", "ungulate")),
}

# The inner nodes that kinds hang from -> what text and drawings call those kinds.
SORTS: dict[str, str] = {
    "n90000011": "songbird",
    "n90000012": "water bird",
    "n90000013": "game bird",
    "n90000021": "shark",
    "n90000022": "reef fish",
    "n90000031": "citrus",
    "n90000032": "berry",
    "n90000041": "emergency vehicle",
    "n90000042": "working vehicle",
    "n90000051": "wildflower",
    "n90000052": "bulb",
    "n90000061": "flying insect",
    "n90000062": "hopper",
    "n90000063": "butterfly",
    "n90000071": "cat",
    "n90000072": "hoofed",
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
