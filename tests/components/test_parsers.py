"""Whatever a file holds, its parser gives a value, or a sentence that names the file."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.map_synsets.zero_shot_sets import read_zero_shot_sets
from components.prepare_corpus.articles import read_articles
from components.prepare_corpus.wikitext import paragraphs
from components.prepare_taxonomy.imagenet_structure import read_structure
from components.prepare_taxonomy.sources import read_edges, read_words
from components.prepare_taxonomy.wordnet import read_wordnet
from components.shared.artifacts.terms import JOINER, normalise_term, tokenise
from components.shared.images.ground_truth import GroundTruth, read_ground_truth, read_wnids
from components.shared.networks.pretrained import read_outputs
from components.shared.settings.known_wnids import known_wnids, listed_wnids

WNIDS = ("n00000001", "n00000002", "n00000003")
fuzzed = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def articles(uri: str) -> list[list[str]]:
    return list(read_articles(uri))


def zero_shot_set(uri: str) -> dict[str, list[str]]:
    return read_zero_shot_sets([f"far={uri}"], ["n00000003"], WNIDS, dict.fromkeys(WNIDS, ()), [])


def ground_truth(uri: str) -> GroundTruth:
    return read_ground_truth(uri, ["val/a.jpg", "val/b.jpg"])


def wnids_of_a_structure(uri: str) -> set[str]:
    return known_wnids(*uri.rsplit("/", 1))


LIST = [*(f"{wnid}\n" for wnid in WNIDS), "a.jpg n00000001\n", "ImageId,x\n", "7\n", "\ufeff", "\r"]
XML = [
    *(
        "<synset wnid='n00000001' words='a, b'>",
        "<synset wnid='fall11'>",
        "</synset>",
        "<a>",
        "</a>",
    ),
    *("<?xml version='1.0' encoding='latin-1'?>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<!--"),
]
DUMP = [
    *("<mediawiki>", "</mediawiki>", "<page>", "</page>", "<title>a</title>", "<ns>0</ns>"),
    *("<siteinfo><namespaces><namespace key='6'>Datei</namespace></namespaces></siteinfo>"),
    *("<revision><text>a [[b|c]] {{d</text></revision>", "<redirect/>", "<page/>", "&lt;ref&gt;"),
]
WIKI = [
    '<doc id="1">\n',
    "</doc>\n",
    "a b\n",
    "\n",
    json.dumps({"title": "a", "text": "b"}),
    "{",
    "[",
]
NOUNS = [
    "  licence\n",
    "00000010 03 n 01 a 0 000 | b\n",
    "00000000 03 n 01 a 0 000 | b\n",
    " @ ",
    "n",
]

PARSERS: dict[str, tuple[Callable[[str], Any], list[str]]] = {
    "words.txt": (read_words, ["n1\ta, b\n", "n2\tc\n", "\t", ",", "\ufeff", "n3 d\n"]),
    "edges.txt": (read_edges, ["a b\n", "b c\n", "a a\n", " ", "\ufeff", "\r\n"]),
    "structure.xml": (read_structure, XML),
    "known.xml": (wnids_of_a_structure, XML),
    "data.noun": (read_wordnet, NOUNS),
    "known/data.noun": (wnids_of_a_structure, NOUNS),
    "set.txt": (zero_shot_set, LIST),
    "listed.txt": (listed_wnids, LIST),
    "outputs.txt": (read_outputs, LIST),
    "truth.txt": (ground_truth, LIST),
    "numbers.txt": (read_wnids, LIST),
    "dump": (articles, DUMP),
    "wiki_00": (articles, WIKI),
}


def contents(parts: list[str]) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, or what such a file is made of, in any order, with other bytes between."""
    part = st.sampled_from(parts).map(str.encode)
    mixed = st.lists(part | part | st.binary(max_size=4) | st.text(max_size=4).map(str.encode))
    built = mixed.map(b"".join)
    as_utf16 = st.lists(st.sampled_from(parts)).map("".join).map(lambda text: text.encode("utf-16"))
    return st.binary(max_size=60) | built | as_utf16 | built.map(gzip.compress)


def refusal(parse: Callable[[str], Any], file: Path) -> ValueError | None:
    try:
        parse(str(file))
    except ValueError as error:
        return error
    return None


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_gives_a_value_or_a_sentence_that_names_the_file(
    name: str, tmp_path: Path
) -> None:
    parse, parts = PARSERS[name]
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)

    @fuzzed
    @given(contents(parts))
    def holds(content: bytes) -> None:
        file.write_bytes(content)
        refused = refusal(parse, file)
        assert not isinstance(refused, UnicodeError)
        assert refused is None or str(file) in str(refused)

    holds()


@fuzzed
@given(
    st.text(st.characters(), max_size=80)
    | st.text("aé'sकि्\u0301\u200d\u00ad_ 1\u20e3-", max_size=30)
)
def test_tokens_are_whole_words_in_the_form_that_terms_have(text: str) -> None:
    for token in tokenise(text):
        assert token.split() == [token]
        assert JOINER not in token
        assert token.encode()
        assert normalise_term(token) == token


@fuzzed
@given(
    st.lists(
        st.sampled_from(["{{", "}}", "[[", "]]", "{|", "|}", "<ref>", "</ref>", "a", "\n", "|"])
    )
)
def test_wikitext_of_any_brackets_gives_paragraphs(parts: list[str]) -> None:
    assert all(paragraph.strip() for paragraph in paragraphs("".join(parts)))
