"""Label vectors of glosses and of several trainings, as tuning tries them."""

from pathlib import Path

import numpy as np
import pytest
from gloss_vectors import FREQUENT, gloss_vectors, label_vectors, read_glosses, side_by_side

from components.prepare_corpus.joining import term_trie
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.synset_vectors import Vocabulary, vocabulary

WORDS = ["fish", "the", "red_fin", "crab"]
COUNTS = {"fish": 10, "the": 980, "red_fin": 5, "crab": 5}


@pytest.fixture
def words() -> Vocabulary:
    return vocabulary(WORDS, np.eye(4, dtype=np.float32), COUNTS, 5)


def test_a_gloss_is_its_definition_without_the_examples(tmp_path: Path) -> None:
    file = tmp_path / "data.noun"
    file.write_text(
        "  1 licence | of many\n"
        '00000030 05 n 01 shark 0 000 | a fish; with a red fin; "the shark bit"  \n'
    )
    assert read_glosses(file) == {"n00000030": "a fish; with a red fin"}


def test_frequent_words_of_a_gloss_count_little(words: Vocabulary) -> None:
    glosses = {"n1": "The fish, the unknown red fin", "n2": "unknown"}
    found = gloss_vectors(glosses, words, term_trie(["red_fin"]))
    fish, the, fin = (FREQUENT / (FREQUENT + share) for share in (0.01, 0.98, 0.005))
    weights = [fish, 2 * the, fin]
    by_hand = np.array([*weights, 0]) / np.linalg.norm(weights)
    assert list(found) == ["n1"]
    assert found["n1"] == pytest.approx(by_hand, abs=1e-6)


def test_a_synset_without_a_known_term_has_the_vector_of_its_gloss(words: Vocabulary) -> None:
    terms = {"n1": ("fish",), "n2": ("crab",), "n3": ("whatsit",), "n4": ("none of them",)}
    glosses = {"n3": "fish", "n5": "crab"}
    found = label_vectors(Taxonomy(terms, [], "edges.txt"), words, glosses, 1.0)
    assert list(found) == ["n1", "n2", "n3"]
    # Of two vectors less their mean one is the other turned round.
    apart = np.array([1, 0, 0, -1]) / np.sqrt(2)
    assert found["n2"] == pytest.approx(-apart, abs=1e-6)
    assert found["n3"] == pytest.approx(apart, abs=1e-6)


def test_side_by_side_a_cosine_is_the_mean_of_the_trainings() -> None:
    first = {"n1": np.array([1.0, 0.0]), "n2": np.array([0.6, 0.8]), "n3": np.array([1.0, 0.0])}
    second = {"n1": np.array([0.0, 1.0]), "n2": np.array([0.0, 1.0])}
    found = side_by_side([first, second])
    assert list(found) == ["n1", "n2"]
    assert float(found["n1"] @ found["n2"]) == pytest.approx((0.6 + 1.0) / 2)
