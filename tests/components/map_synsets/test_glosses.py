from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from twins.glosses_loop import gloss_vectors_loop, with_glosses_loop

from components.map_synsets.glosses import (
    FREQUENT,
    gloss_vectors,
    less_common,
    read_glosses,
    with_glosses,
)
from components.shared.artifacts.terms import tokenise
from components.shared.synset_vectors import Vocabulary, mean_of_terms_rows, vocabulary

SHARK, CRAB, STONE = "n01482330", "n01976957", "n09416076"
LICENCE = "  1 This software and database is being provided to you | by Princeton\n"
COUNTS = {"fish": 10, "the": 980, "red": 5, "crab": 5, "rare": 4}


@pytest.fixture
def words() -> Vocabulary:
    return vocabulary(list(COUNTS), np.eye(5, dtype=np.float32), COUNTS, 5)


def entry(wnid: str, gloss: str) -> str:
    return f"{wnid[1:]} 05 n 01 name 0 000 | {gloss}  \n"


def written(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_gloss_of_wordnet_is_its_definition_without_the_examples(tmp_path: Path) -> None:
    text = LICENCE + entry(SHARK, 'a fish; "the shark bit"') + entry(CRAB, "decapod; edible")
    uri = written(tmp_path / "data.noun", text)
    assert read_glosses(uri, {SHARK, CRAB}) == {SHARK: "a fish", CRAB: "decapod; edible"}


def test_glosses_are_lines_of_a_wnid_a_tab_and_a_text(tmp_path: Path) -> None:
    uri = written(tmp_path / "gloss.txt", f"{SHARK}\ta fish\n{STONE}\ta lump\n")
    assert read_glosses(uri, {SHARK}) == {SHARK: "a fish"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("gloss.txt", f"{SHARK}\tfish\nshark: a fish\n", "line 2 is not a wnid, a tab and its"),
        ("data.noun", LICENCE + f"{SHARK} a fish\n", "line 2 is not an entry of WordNet 3.0"),
        (
            "gloss.txt",
            f"{SHARK}\ta\n{SHARK}\tb\n",
            f"line 2: {SHARK} has a gloss in line 1 already",
        ),
        ("gloss.txt", f"{STONE}\ta lump\n", "a gloss of none of the hierarchy's synsets"),
    ],
)
def test_a_broken_file_of_glosses_is_named(name: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said):
        read_glosses(written(tmp_path / name, text), {SHARK})


def test_what_all_words_share_is_taken_off_by_hand() -> None:
    vectors = np.array([[0.6, 0.8], [-0.6, 0.8], [0.0, -1.0]], dtype=np.float32)
    words = vocabulary(["a", "b", "rare"], vectors, {"a": 9, "b": 9, "rare": 1}, 5)
    # The mean of the two that count is (0, 0.8).
    by_hand = [[1, 0], [-1, 0], [0, -1]]
    assert less_common(words).vectors == pytest.approx(np.array(by_hand), abs=1e-6)


@pytest.fixture
def text_words() -> Vocabulary:
    """Twelve words, of which the last two are too rare; the first is about half of the text."""
    names = [f"word{number}" for number in range(12)]
    vectors = np.random.default_rng(0).standard_normal((12, 6)).astype(np.float32)
    return vocabulary(
        names, vectors, dict(zip(names, [2000, *range(400, 0, -40), 3], strict=True)), 41
    )


def glosses_of(wnids: Sequence[str]) -> dict[str, str]:
    """Three words each, some twice, with one that has no vector; the last has that alone."""
    draws = np.random.default_rng(1).integers(0, 12, (len(wnids), 3))
    texts = [" ".join(f"word{number}" for number in (*row, row[0])) for row in draws.tolist()]
    return {wnid: f"{text}, unheard-of" for wnid, text in zip(wnids, texts, strict=True)} | {
        wnids[-1]: "unheard-of"
    }


def loop_over(glosses: Mapping[str, str], words: Vocabulary) -> dict[str, np.ndarray]:
    known = {word: words.vector(word) for word in words.row_of}
    texts = {wnid: tokenise(gloss) for wnid, gloss in glosses.items()}
    return gloss_vectors_loop(texts, known, words.counts, FREQUENT)


def test_gloss_vectors_are_those_of_the_plain_loop(text_words: Vocabulary) -> None:
    wnids = [f"n{number:08}" for number in range(9)]
    glosses = glosses_of(wnids)
    found, expected = gloss_vectors(glosses, text_words), loop_over(glosses, text_words)
    assert list(found) == list(expected) == wnids[:-1]
    for wnid, vector in expected.items():
        assert found[wnid] == pytest.approx(vector, abs=1e-5), wnid


@pytest.mark.parametrize("weight", [0.5, 2.0])
def test_glosses_are_added_to_terms_as_by_the_plain_loop(
    text_words: Vocabulary, weight: float
) -> None:
    wnids = [f"n{number:08}" for number in range(9)]
    # Every third has no term with a vector; the last has no gloss with a word either.
    labels = {
        wnid: ["stone"] if number % 3 == 2 else [f"word{number}"]
        for number, wnid in enumerate(wnids)
    }
    told = loop_over(glosses_of(wnids), text_words)
    rows, chosen = with_glosses(mean_of_terms_rows(labels, text_words), labels, told, weight)
    own = {w: text_words.vector(t) for w, (t,) in labels.items() if t in text_words.row_of}
    expected = with_glosses_loop(own, told, wnids, weight)
    assert [wnid for wnid in wnids if chosen[wnid].source != "none"] == list(expected) == wnids[:-1]
    for wnid, vector in expected.items():
        assert rows[chosen[wnid].term].vector == pytest.approx(vector, abs=1e-5), wnid


def test_a_gloss_counts_by_its_weight_and_stands_alone_where_there_is_no_term(
    words: Vocabulary,
) -> None:
    labels = {SHARK: ["fish"], STONE: ["stone"], CRAB: ["crab"]}
    told = {
        SHARK: words.vector("red"),
        STONE: words.vector("the"),
        "n00000000": words.vector("the"),
    }
    rows, chosen = with_glosses(mean_of_terms_rows(labels, words), labels, told, 0.75)
    sources = {wnid: target.source for wnid, target in chosen.items()}
    assert sources == {SHARK: "mean_of_terms", STONE: "gloss", CRAB: "mean_of_terms"}
    assert rows[f"fish#{SHARK}"].vector == pytest.approx(np.array([0.8, 0, 0.6, 0, 0]), abs=1e-6)
    assert rows[f"stone#{STONE}"].vector == pytest.approx(words.vector("the"))
    assert rows[f"stone#{STONE}"].synsets() == [STONE]
    assert rows[f"crab#{CRAB}"].vector == pytest.approx(words.vector("crab"))
