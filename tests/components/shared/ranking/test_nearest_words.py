import numpy as np
import pandas as pd
import pytest

from components.shared.artifacts.label_space import Words, unit_norm
from components.shared.ranking import nearest_words as module
from components.shared.ranking.nearest_words import nearest_words

TERMS = ["shark", "crane", "heron", "tiger_shark", "teapot"]


@pytest.fixture
def words() -> Words:
    vectors = unit_norm(np.random.default_rng(0).standard_normal((len(TERMS), 4)))
    vectors[2] = vectors[1]
    table = pd.DataFrame({"row": range(len(TERMS)), "term": TERMS, "count": 9})
    return Words(table, vectors.astype("f2"))


def test_a_words_own_vector_is_nearest_to_it_and_equal_ones_stand_in_their_order(
    words: Words,
) -> None:
    (found,) = nearest_words(words.vectors[1:2].astype("f4"), words, 2)
    assert [near.word for near in found] == ["crane", "heron"]
    assert [near.cosine for near in found] == pytest.approx([1, 1], abs=1e-3)


@pytest.mark.parametrize("block", [1, 2, 5])
def test_blocks_do_not_show(words: Words, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = unit_norm(np.random.default_rng(1).standard_normal((3, 4)))
    cosines = points @ words.vectors.astype("f4").T
    monkeypatch.setattr(module, "BLOCK_WORDS", block)
    for row, found in zip(cosines, nearest_words(points, words, 3), strict=True):
        best = np.argsort(-row, kind="stable")[:3]
        assert [near.word for near in found] == [TERMS[n].replace("_", " ") for n in best]
        assert [near.cosine for near in found] == pytest.approx(row[best].tolist(), abs=1e-5)


def test_there_are_no_more_than_there_are_words(words: Words) -> None:
    assert len(nearest_words(np.eye(4, dtype="f4"), words, 99)[0]) == len(TERMS)
