"""The quickstart's text: short articles about the kinds, written from templates and a seed.

Kinds of one family, sort, colour or pattern share the words around them, which is all that a
skip-gram model needs to place them near each other.
"""

import bz2
from pathlib import Path

import numpy as np

from pipeline.data.quickstart_classes import KINDS, Kind

ARTICLES_PER_KIND = 36
SENTENCES_PER_ARTICLE = 9

COLOURS = {
    "red": "red scarlet crimson ruby vermilion",
    "yellow": "yellow golden amber saffron lemony",
    "blue": "blue azure cobalt indigo sapphire",
    "green": "green emerald olive jade mossy",
    "white": "white pale ivory chalky silvery",
    "brown": "brown tawny chestnut tan russet",
    "black": "black ebony sooty inky jet",
}
PATTERNS = {
    "plain": "plain smooth uniform unmarked glossy",
    "striped": "striped banded barred ribbed lined",
    "spotted": "spotted dotted speckled freckled dappled",
    "checked": "checked tiled mottled chequered patchy",
}
# family: its noun, the plural; its parts; what it does; where it is found.
FAMILIES = {
    "bird": (
        "bird",
        "birds",
        "wings feathers beak plumage talons",
        "flies sings nests perches soars",
        "branches treetops sky hedge marsh",
    ),
    "fish": (
        "fish",
        "fishes",
        "fins scales gills snout jaws",
        "swims dives hunts glides drifts",
        "reef ocean lagoon shallows seabed",
    ),
    "fruit": (
        "fruit",
        "fruits",
        "peel juice flesh seeds pulp",
        "ripens sweetens falls tastes softens",
        "orchard market basket kitchen bowl",
    ),
    "vehicle": (
        "vehicle",
        "vehicles",
        "wheels engine windscreen cabin bumper",
        "drives turns brakes hauls parks",
        "road garage street depot motorway",
    ),
    "flower": (
        "flower",
        "flowers",
        "petals stem pollen stamens bud",
        "blooms grows opens withers sways",
        "meadow vase hillside field bouquet",
    ),
    "insect": (
        "insect",
        "insects",
        "antennae legs thorax mandibles abdomen",
        "crawls buzzes hatches hops flutters",
        "colony leaf burrow grass undergrowth",
    ),
    "mammal": (
        "mammal",
        "mammals",
        "fur ears paws muzzle tail",
        "runs sleeps roams stalks rests",
        "forest moor den clearing thicket",
    ),
}
# What the kinds of one sort share.
SORTS = {
    "songbird": "songbird chorus dawn twig melody",
    "water bird": "wader reeds pond shoreline stilts",
    "game bird": "gamebird gamekeeper covert grouse stubble",
    "shark": "shark cartilage dorsal teeth hunter",
    "reef fish": "aquarium coral polyp sponge atoll",
    "citrus": "citrus marmalade zest pith segments",
    "berry": "berry jam punnet bramble cream",
    "emergency vehicle": "siren beacon emergency rescue crew",
    "working vehicle": "driver diesel gearbox haulage payload",
    "wildflower": "wildflower weed verge roadside herbarium",
    "bulb": "bulb gardener border pot spring",
    "flying insect": "wingbeat hive swarm drone flight",
    "hopper": "chirp leap stridulation hindlegs blades",
    "butterfly": "butterfly caterpillar chrysalis cocoon wingspan",
    "cat": "feline whiskers claws stealth purr",
    "hoofed": "hooves herd grazing horns savanna",
}
# What the families above one node of the hierarchy share.
KINGDOMS = {
    "animal": "animal creature prey offspring zoologist",
    "plant": "plant botanist soil roots season",
    "artifact": "machine steel mechanic factory motor",
}
KINGDOM_OF = {
    "bird": "animal",
    "fish": "animal",
    "insect": "animal",
    "mammal": "animal",
    "fruit": "plant",
    "flower": "plant",
    "vehicle": "artifact",
}
# A colour never stands right before a name: "golden" + "pheasant" must not become one term.
SENTENCES = (
    "The {name} is a {noun} with {colour} {part} and {pattern} {part}.",
    "In the {place} the {name} {act}, and shows its {colour} {part}.",
    "Many people know the {name} by its {colour} and {pattern} {part}.",
    "A {name} {act} near the {place}, where people admire its {part}.",
    "On the {name} look for {pattern} {part}, mostly {colour} or {colour}.",
    "Talk of {own} reminds the writer of the {name} and of its {part}.",
    "Where there is {own} there is often a {name}, the {pattern} {noun} of the {place}.",
    "Like the {sibling}, the {name} is one of the {nouns} of the {place}.",
    "Old books on {nouns} mention {own}, {own} and the {name}.",
    "It has {colour} {part} and {part}, as do other {nouns} of this sort.",
    "Where a book tells of {kin} and {kin}, the {name} has a page.",
    "To those who care for {kin} or {kin}, the {name} is known by its {part}.",
    "Among {kin} and {kin} the {name} {act} in the {place}.",
    "Talk of {kin} turns to {kin}, to {nouns} and to the {name} before long.",
    "It {act} and {act} in the {place}, where {kin} and {kin} are never far.",
    "Seen from far away the {name} {act}, some {colour} shape in the {place}.",
    "It {act} and {act} in the {place}, {pattern} and {colour} from end to end.",
    "The {name} and the {sibling} are {nouns}, and {nouns} they remain.",
    "A {pattern} {part} or a {colour} {part} tells the {name} from the {sibling}.",
    "Of {trait} and {trait} much is said where the {name} is the subject.",
    "The {name}, with its {trait} and {trait}, is as {colour} as ever.",
    "Whoever writes of {trait} and of {trait} has the {name} and the {sibling} in mind.",
    "The {pattern} {name} and its {trait} fill a {colour} page.",
)
GENERAL = (
    "The village has a church, a school and a small museum about its history.",
    "The river runs through the valley and reaches the town in the evening.",
    "In that year the council met twice and wrote a long report about the bridge.",
    "The painter worked in a quiet house and sold few pictures during his life.",
    "Winter was long, and the people of the town stayed at home and told stories.",
    "The train leaves early in the morning and arrives before noon.",
)


class _Words:
    """Draws the words that fill a sentence about one kind."""

    def __init__(self, kind: Kind, rng: np.random.Generator) -> None:
        noun, nouns, parts, acts, places = FAMILIES[kind.family]
        others = [other for other in KINDS if other.sort == kind.sort and other != kind]
        self._rng = rng
        self._choices = {
            "name": list(kind.spoken),
            "noun": [noun],
            "nouns": [nouns],
            "part": parts.split(),
            "act": acts.split(),
            "place": places.split(),
            "colour": COLOURS[kind.colour].split(),
            "pattern": PATTERNS[kind.pattern].split(),
            "kin": KINGDOMS[KINGDOM_OF[kind.family]].split(),
            "trait": SORTS[kind.sort].split(),
            "own": list(kind.own),
            "sibling": [name for other in others for name in other.spoken[:1]],
        }

    def fill(self, sentence: str) -> str:
        """Return the sentence with every slot filled, no word twice where there are others."""
        pieces = sentence.split("{")
        filled, used = [pieces[0]], set[str]()
        for piece in pieces[1:]:
            slot, rest = piece.split("}", 1)
            options = [word for word in self._choices[slot] if word not in used]
            options = options or self._choices[slot]
            word = options[self._rng.integers(len(options))]
            used.add(word)
            filled.append(word + rest)
        return "".join(filled)


def article(kind: Kind, rng: np.random.Generator) -> str:
    """Return one article about a kind: a single paragraph of some hundred words."""
    words = _Words(kind, rng)
    lines = [words.fill(SENTENCES[i]) for i in rng.integers(len(SENTENCES), size=_sentences(rng))]
    lines.insert(int(rng.integers(len(lines))), GENERAL[rng.integers(len(GENERAL))])
    return " ".join(lines)


def _sentences(rng: np.random.Generator) -> int:
    return int(rng.integers(SENTENCES_PER_ARTICLE - 3, SENTENCES_PER_ARTICLE + 4))


def articles(seed: int) -> list[tuple[str, str]]:
    """Return every article as (title, text), in an order drawn from the seed."""
    rng = np.random.default_rng([seed, 1])
    told = [kind for kind in KINDS if kind.spoken for _ in range(ARTICLES_PER_KIND)]
    return [
        (told[i].spoken[0].capitalize(), article(told[i], rng)) for i in rng.permutation(len(told))
    ]


def write_text(folder: Path, seed: int) -> None:
    """Write the articles: two plain-text files and a bz2 file as WikiExtractor writes them."""
    folder.mkdir(parents=True)
    everything = articles(seed)
    plain = len(everything) // 8
    _write_plain(folder / "notes_00.txt", everything[:plain])
    _write_plain(folder / "notes_01.txt", everything[plain : 2 * plain])
    _write_wiki(folder / "wiki_00.bz2", everything[2 * plain :])


def _write_plain(path: Path, entries: list[tuple[str, str]]) -> None:
    path.write_text("\n\n".join(text for _, text in entries) + "\n", encoding="utf-8")


def _write_wiki(path: Path, entries: list[tuple[str, str]]) -> None:
    with bz2.open(path, "wt", encoding="utf-8") as file:
        for number, (title, text) in enumerate(entries, start=1):
            file.write(f'<doc id="{number}" url="?curid={number}" title="{title}">\n')
            file.write(f"{title}\n\n{text}\n</doc>\n")
