import numpy as np
import pytest

from components.shared.synset_vectors import (
    Vocabulary,
    mean_of_terms_rows,
    normalised,
    target_of,
    term_rows,
    vocabulary,
)

WORDS = {"crane": [2.0, 0.0], "bird": [0.0, 1.0], "great": [1.0, 0.0], "white": [0.0, 3.0]}


def words(counts: dict[str, int] | None = None, minimum_count: int = 5) -> Vocabulary:
    vectors = np.array(list(WORDS.values()), dtype=np.float32)
    return vocabulary(list(WORDS), vectors, counts or dict.fromkeys(WORDS, 9), minimum_count)


@pytest.mark.parametrize(
    ("terms", "term", "source"),
    [
        (["crane", "bird"], "crane", "first_term"),
        (["grus", "bird", "crane"], "bird", "synonym"),
        (["grus", "great_white", "white_great"], "great_white", "mean"),
        (["great_grus", "white_great"], "white_great", "mean"),
        (["great_grus", "grus"], "", "none"),
    ],
)
def test_the_target_is_the_first_term_with_a_vector_then_a_mean_then_none(
    terms: list[str], term: str, source: str
) -> None:
    target = target_of(terms, words())
    assert (target.term, target.source) == (term, source)


def test_a_term_seen_too_rarely_has_no_vector() -> None:
    counts = {"crane": 4, "bird": 5, "great": 9, "white": 4}
    assert target_of(["crane", "bird"], words(counts)).term == "bird"
    assert target_of(["great_white"], words(counts)).source == "none"
    assert target_of(["crane", "bird"], words(counts, minimum_count=4)).term == "crane"


def test_a_term_without_a_count_is_refused() -> None:
    with pytest.raises(ValueError, match="'crane', but counts"):
        words({"bird": 3})


def test_a_mean_is_of_unit_vectors_and_has_unit_norm() -> None:
    rows, _ = term_rows({"n1": ["great_white"]}, words())
    assert rows["great_white"].vector == pytest.approx([0.5**0.5, 0.5**0.5], rel=1e-5)
    assert rows["great_white"].source == "mean"


def test_a_mean_row_leads_only_to_synsets_that_have_nothing_else() -> None:
    labels = {"n1": ["great_white"], "n2": ["bird", "great_white"], "n3": ["grus", "great_white"]}
    rows, _ = term_rows(labels, words())
    assert rows["great_white"].synsets() == ["n1", "n3"]
    assert rows["bird"].synsets() == ["n2"]


def test_crane_leads_to_both_synsets_by_wnid_and_those_whose_first_term_it_is_come_first() -> None:
    labels = {
        "n4": ["bird", "crane"],
        "n3": ["crane"],
        "n2": ["crane", "bird"],
        "n1": ["x", "crane"],
    }
    rows, chosen = term_rows(labels, words())
    assert rows["crane"].synsets() == ["n2", "n3", "n1", "n4"]
    assert chosen["n2"].term == chosen["n3"].term == "crane"


def test_terms_that_are_the_same_once_normalised_count_once() -> None:
    assert normalised(["Crane", "crane", "Great White"]) == ["crane", "great_white"]


def test_mean_of_terms_gives_one_row_a_synset() -> None:
    labels = {"n1": ["crane", "bird", "grus"], "n2": ["great_white"], "n3": ["grus"]}
    rows, chosen = mean_of_terms_rows(labels, words())
    assert list(rows) == ["crane#n1", "great_white#n2"]
    assert rows["crane#n1"].vector == pytest.approx([0.5**0.5, 0.5**0.5], rel=1e-5)
    assert rows["crane#n1"].synsets() == ["n1"]
    assert [chosen[wnid].source for wnid in labels] == ["mean_of_terms", "mean", "none"]
