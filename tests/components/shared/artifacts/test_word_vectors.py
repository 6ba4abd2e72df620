from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from components.shared.artifacts.word_vectors import (
    read_counts,
    read_word2vec_binary,
    write_counts,
    write_word2vec_binary,
)

TERMS = ["the", "tiger_shark", "café", "coup_d'etat"]


def _vectors() -> np.ndarray:
    # A byte of 0x0A or 0x20 inside a vector must not be taken for the end of a line or term.
    vectors = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    vectors[1].view(np.uint8)[:8] = [10, 32, 10, 32, 32, 32, 10, 10]
    return vectors


def test_vectors_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_word2vec_binary(tmp_path / "vectors.bin", TERMS, _vectors())
    terms, vectors = read_word2vec_binary(tmp_path / "vectors.bin")
    assert terms == TERMS
    np.testing.assert_array_equal(vectors, _vectors())


def test_gensim_reads_what_we_write(tmp_path: Path) -> None:
    write_word2vec_binary(tmp_path / "vectors.bin", TERMS, _vectors())
    read = KeyedVectors.load_word2vec_format(str(tmp_path / "vectors.bin"), binary=True)
    assert read.index_to_key == TERMS
    np.testing.assert_array_equal(read.vectors, _vectors())


def test_we_read_what_gensim_writes(tmp_path: Path) -> None:
    made = KeyedVectors(7)
    made.add_vectors(TERMS, _vectors())
    made.save_word2vec_format(str(tmp_path / "vectors.bin"), binary=True)
    terms, vectors = read_word2vec_binary(tmp_path / "vectors.bin")
    assert terms == TERMS
    np.testing.assert_array_equal(vectors, _vectors())


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vectors.bin"
    write_word2vec_binary(path, TERMS, _vectors())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"vectors\.bin ends at vector 4 of 4"):
        read_word2vec_binary(path)


@pytest.mark.parametrize("content", [b"", b"glove 0.1 0.2\n", b"\x80\x04\x95" * 90])
def test_a_file_of_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no word2vec binary file"):
        read_word2vec_binary(path)


@pytest.mark.parametrize("term", ["", "tiger shark", "line\n"])
def test_a_term_that_would_break_the_format_is_refused(tmp_path: Path, term: str) -> None:
    with pytest.raises(ValueError, match="is empty or has a space"):
        write_word2vec_binary(tmp_path / "vectors.bin", [term], np.zeros((1, 2)))


def test_terms_and_vectors_must_be_as_many(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 terms for 2 vectors"):
        write_word2vec_binary(tmp_path / "vectors.bin", ["a"], np.zeros((2, 2)))


def test_counts_come_back_most_frequent_first_and_equal_ones_by_term(tmp_path: Path) -> None:
    write_counts(tmp_path / "counts.parquet", {"b": 2, "c": 7, "a": 2})
    assert list(read_counts(tmp_path / "counts.parquet").items()) == [("c", 7), ("a", 2), ("b", 2)]
