import numpy as np
import pytest

from components.train_skipgram.neighbours import nearest_terms

TERMS = ["north", "north_east", "east", "south", "nowhere"]
VECTORS = np.array([[0, 2], [3, 3], [1, 0], [0, -1], [0, 0]], dtype=np.float32)


def test_neighbours_are_ordered_by_cosine_whatever_their_length() -> None:
    found = nearest_terms("north", TERMS, VECTORS, count=2)
    assert [term for term, _ in found] == ["north_east", "east"]
    assert [cosine for _, cosine in found] == pytest.approx([0.7071, 0.0])


def test_a_small_vocabulary_has_fewer_neighbours() -> None:
    assert len(nearest_terms("north", TERMS, VECTORS)) == 4


def test_a_zero_vector_is_no_error() -> None:
    assert all(cosine == 0 for _, cosine in nearest_terms("nowhere", TERMS, VECTORS))
