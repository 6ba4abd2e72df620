import numpy as np

from components.shared.ranking.packed import (
    Names,
    Packed,
    cosines_of,
    joined,
    unpacked,
    unpacked_cosines,
)

NAMES = Names(["n1", "n2", "n3"])
RANKED = np.array([["n3", "n1", None], [None, None, None]], dtype=object)
COSINES = np.array([[0.7499, -0.25, np.nan], [np.nan] * 3], dtype=np.float32)
RANKING = RANKED, COSINES


def test_a_ranking_comes_back_with_its_wnids_and_its_cosines_as_they_are_kept() -> None:
    packed = NAMES.packed(*RANKING)
    assert packed.places.dtype == packed.cosines.dtype == np.int16
    assert (NAMES.wnids_of(packed) == RANKED).all()
    rounded = np.round(COSINES, 3)
    assert np.array_equal(cosines_of(packed), rounded, equal_nan=True)


def test_every_cosine_is_rounded_as_floats_are() -> None:
    cosines = np.linspace(-1, 1, 100_001, dtype=np.float32).reshape(-1, 1)
    packed = NAMES.packed(np.full(cosines.shape, "n1", dtype=object), cosines)
    assert np.array_equal(cosines_of(packed), np.round(cosines, 3))


def test_more_labels_than_two_bytes_can_number_take_four() -> None:
    names = Names([f"n{number}" for number in range(40_000)])
    packed = names.packed(np.array([["n39999"]], dtype=object), np.zeros((1, 1), "f4"))
    assert packed.places.dtype == np.int32
    assert names.wnids_of(packed).tolist() == [["n39999"]]


def test_parts_are_joined_in_their_order() -> None:
    one, two = NAMES.packed(*RANKING), Packed(np.array([[1, 0, -1]]), np.array([[5, 4, 0]]))
    assert joined([two, one]).places.tolist() == [[1, 0, -1], [2, 0, -1], [-1, -1, -1]]


def test_scores_are_kept_to_the_last_digit_where_they_are_given() -> None:
    scored, plain = NAMES.packed(*RANKING, COSINES), NAMES.packed(*RANKING)
    both = joined([scored, scored]).scores
    assert both is not None
    assert np.array_equal(both, np.tile(COSINES, (2, 1)), equal_nan=True)
    assert plain.scores is None
    assert joined([plain, plain]).scores is None
    assert scored.nbytes == plain.nbytes + COSINES.nbytes


def test_a_wnid_has_the_number_that_stands_for_it() -> None:
    assert NAMES.numbers_of(["n3", "n1", "other"]).tolist() == [2, 0, -1]


def test_rankings_are_unpacked_when_they_are_asked_for() -> None:
    rankings = {("devise", "seen"): NAMES.packed(*RANKING)}
    wnids, cosines = unpacked(rankings, NAMES), unpacked_cosines(rankings)
    assert list(wnids) == list(cosines) == [("devise", "seen")]
    assert ("softmax", "seen") not in wnids
    assert (wnids["devise", "seen"] == RANKED).all()
    assert cosines["devise", "seen"].shape == (2, 3)
