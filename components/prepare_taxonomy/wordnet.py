"""Reader of WordNet's noun database, data.noun, as Princeton and Debian's wordnet-base ship it.

The format is wndb(5WN). A synset's wnid is `n` and its eight-digit offset, which is what ImageNet
made its wnids of; that holds for WordNet 3.0 only. index.noun is not needed: it lists the same
words again, by lemma.

The hierarchy is made of the hypernym pointers `@` ("is a kind of"), as ImageNet's
wordnet.is_a.txt has them. Instance hypernyms `@i` (Einstein is an instance of a physicist, not a
kind) are left out and counted: a named individual keeps its terms and lies outside the hierarchy.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from components.prepare_taxonomy.sources import Edge, HierarchySource, check_term
from components.shared.storage import store

HYPERNYM, INSTANCE_HYPERNYM = "@", "@i"
NOUN = "n"
POINTER_FIELDS = 4
_OFFSET = re.compile(r"\d{8}")


@dataclass(frozen=True)
class _Synset:
    wnid: str
    terms: tuple[str, ...]
    pointers: tuple[tuple[str, str], ...]


def read_wordnet(uri: str) -> HierarchySource:
    """Read data.noun: the synsets with their words in order, and their hypernyms.

    Returns:
        Terms (underscores are spaces), (parent, child) pairs in file order, and the number of
        instance hypernyms left out.

    Raises:
        ValueError: A broken line, or a pointer to a synset that is not there; file and line are
            named.
    """
    terms: dict[str, tuple[str, ...]] = {}
    line_of: dict[Edge, int] = {}
    instances = 0
    for number, synset in _synsets(uri):
        terms[synset.wnid] = synset.terms
        parents = [wnid for symbol, wnid in synset.pointers if symbol == HYPERNYM]
        line_of.update(((parent, synset.wnid), number) for parent in parents)
        instances += sum(symbol == INSTANCE_HYPERNYM for symbol, _ in synset.pointers)
    if not terms:
        raise ValueError(f"{uri} has no synset: give the data.noun of WordNet 3.0.")
    _check_parents(uri, terms, line_of)
    facts = {"instance_hypernyms_left_out": instances}
    return HierarchySource(list(line_of), directed=True, terms=terms, facts=facts)


def _synsets(uri: str) -> Iterator[tuple[int, _Synset]]:
    position = 0
    with store.open_read(uri) as stream:
        for number, line in enumerate(stream, start=1):
            # The licence's lines begin with two spaces.
            if not line.startswith(b"  "):
                place = f"{uri}, line {number}"
                _check_offset(line, position, place)
                yield number, _parse(line, place)
            position += len(line)


def _check_offset(line: bytes, position: int, place: str) -> None:
    # An offset is a place in the file, so a file that was edited or converted gives itself away.
    if line[:8] != b"%08d" % position:
        raise ValueError(
            f"{place} begins with {line[:8]!r}, but stands at byte {position:08d}, which must be "
            "its offset: fetch WordNet's data.noun again."
        )


def _parse(line: bytes, place: str) -> _Synset:
    try:
        fields = line.decode("ascii").partition(" | ")[0].split()
        words, pointers = _words_and_pointers(fields)
    except (ValueError, IndexError) as error:
        raise ValueError(f"{place} is no synset of wndb(5WN): fetch data.noun again.") from error
    wnid = NOUN + fields[0]
    terms = tuple(word.replace("_", " ") for word in words)
    for term in terms:
        check_term(term, f"{place}: {wnid}")
    return _Synset(wnid, terms, pointers)


def _words_and_pointers(fields: list[str]) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """Take a line's fields apart: offset, file, type, then counted words and counted pointers."""
    if fields[2] != NOUN:
        raise ValueError("not a noun")
    end_of_words = 4 + 2 * int(fields[3], 16)
    words, rest = fields[4:end_of_words:2], fields[end_of_words + 1 :]
    if not words or len(rest) != POINTER_FIELDS * int(fields[end_of_words]):
        raise ValueError("the counts do not fit")
    pointers = zip(rest[0::POINTER_FIELDS], rest[1::POINTER_FIELDS], strict=True)
    if not all(_OFFSET.fullmatch(offset) for offset in rest[1::POINTER_FIELDS]):
        raise ValueError("a pointer has no offset")
    return words, tuple((symbol, NOUN + offset) for symbol, offset in pointers)


def _check_parents(uri: str, terms: dict[str, tuple[str, ...]], line_of: dict[Edge, int]) -> None:
    for (parent, child), number in line_of.items():
        if parent not in terms or parent == child:
            raise ValueError(
                f"{uri}, line {number}: the hypernym {parent} of {child} is no other synset of "
                "the file: fetch data.noun again."
            )
