from pathlib import Path

import pytest

from components.shared.artifacts.word_vectors import write_counts
from components.train_skipgram.vocabulary import choose_vocabulary, total_counts

COUNTS = {"the": 90, "of": 50, "shark": 5, "fin": 5, "teapot": 1, "rare": 1}


def test_rare_words_are_left_out_and_labels_never() -> None:
    chosen = choose_vocabulary(COUNTS, {"teapot", "unicorn"}, minimum_count=5)
    assert list(chosen.items()) == [
        ("the", 90),
        ("of", 50),
        ("fin", 5),
        ("shark", 5),
        ("teapot", 1),
    ]


def test_the_size_limits_the_words_beside_the_labels() -> None:
    chosen = choose_vocabulary(COUNTS, {"teapot", "shark"}, minimum_count=1, size=2)
    assert list(chosen) == ["the", "of", "shark", "teapot"]


def test_an_empty_corpus_is_refused() -> None:
    with pytest.raises(ValueError, match="The corpus is empty: check corpus_uris"):
        choose_vocabulary({}, {"shark"}, 5)


def test_a_corpus_without_any_term_of_the_taxonomy_is_refused() -> None:
    with pytest.raises(ValueError, match="no term of the taxonomy: check taxonomy_uri"):
        choose_vocabulary(COUNTS, {"unicorn"}, 5)


def test_counts_add_up_over_the_parts(tmp_path: Path) -> None:
    for name, counts in (("a", {"shark": 2, "fin": 1}), ("b", {"shark": 3})):
        (tmp_path / name).mkdir()
        write_counts(tmp_path / name / "counts.parquet", counts)
    assert total_counts([tmp_path / "a", tmp_path / "b"]) == {"shark": 5, "fin": 1}
