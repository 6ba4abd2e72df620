from collections.abc import Callable
from pathlib import Path

import pytest

from components.prepare_taxonomy.sources import (
    check_term,
    read_edges,
    read_words,
    split_terms,
)
from components.shared.storage import store


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_terms_are_read_in_the_order_of_the_file_the_first_term_first(tmp_path: Path) -> None:
    words = read_words(write(tmp_path, "words.txt", "n2\tTiger shark\nn1\tanimal,beast , brute\n"))
    assert list(words.items()) == [("n2", ("Tiger shark",)), ("n1", ("animal", "beast", "brute"))]


def test_edges_are_read_in_the_order_of_the_file_and_of_each_line(tmp_path: Path) -> None:
    edges = read_edges(write(tmp_path, "e.txt", "root n2\nn2  n1\nroot\tn0"))
    assert edges == [("root", "n2"), ("n2", "n1"), ("root", "n0")]


def test_both_are_read_from_object_storage(tmp_path: Path, s3: str) -> None:
    store.upload(Path(write(tmp_path, "words.txt", "n1\tcat\n")), f"{s3}/words.txt")
    store.upload(Path(write(tmp_path, "e.txt", "n1 n2\n")), f"{s3}/e.txt")
    assert read_words(f"{s3}/words.txt") == {"n1": ("cat",)}
    assert read_edges(f"{s3}/e.txt") == [("n1", "n2")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("n1\tcat\nn2\n", r"words\.txt, line 2: n2 has no terms"),
        ("n1\tcat\nn2 dog\n", r"words\.txt, line 2: 'n2 dog' is not"),
        ("n1\tcat\n\nn2\tdog\n", r"words\.txt, line 2: '' is not"),
        ("n1\tcat\tdog\n", r"words\.txt, line 1: .* is not"),
        ("n1\tcat\nn2\t \n", r"words\.txt, line 2: n2 has no terms"),
        ("n1\tcat,, dog\n", r"words\.txt, line 1: n1 has an empty term"),
        ("n1\tcat, ?!\n", r"words\.txt, line 1: n1: term '\?!' has no letter"),
        ("n1\tcat\nn2\tdog\nn1\tpuss\n", r"words\.txt, line 3: n1 is in line 1 already"),
        ("", r"words\.txt has no synset"),
    ],
)
def test_a_broken_words_file_is_refused_by_line(tmp_path: Path, words: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_words(write(tmp_path, "words.txt", words))


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ("root n1\nn1\n", r"e\.txt, line 2: 'n1' is not two nodes"),
        ("root n1 n2\n", r"e\.txt, line 1: 'root n1 n2' is not two nodes"),
        ("root n1\n\n", r"e\.txt, line 2: '' is not two nodes"),
        ("n1 n1\n", r"e\.txt, line 1: n1 is joined to itself"),
        ("root n1\nn1 n2\nroot n1\n", r"e\.txt, line 3: root n1 is in line 1 already"),
        ("root n1\nn1 root\n", r"e\.txt, line 2: n1 root is in line 1 already"),
        ("", r"e\.txt has no edge"),
    ],
)
def test_a_broken_edge_list_is_refused_by_line(tmp_path: Path, edges: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_edges(write(tmp_path, "e.txt", edges))


@pytest.mark.parametrize("reader", [read_words, read_edges])
def test_a_file_that_is_no_text_is_named(tmp_path: Path, reader: Callable[[str], object]) -> None:
    (tmp_path / "file").write_bytes(b"n1\t\xff\xfe\n")
    with pytest.raises(ValueError, match=r"file, line 1: this is no UTF-8 text .*: save it as"):
        reader(str(tmp_path / "file"))


@pytest.mark.parametrize("reader", [read_words, read_edges])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, reader: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        reader(str(tmp_path / "nowhere"))


def test_terms_are_split_at_commas_and_trimmed() -> None:
    assert split_terms("tiger shark,  Galeocerdo cuvieri", "here") == (
        "tiger shark",
        "Galeocerdo cuvieri",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [("cat,", "line 1: n1 has an empty term: remove"), ("cat, !", "line 1: n1: term '!' has no")],
)
def test_a_term_that_cannot_stand_in_a_text_is_refused_with_its_place(
    text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        split_terms(text, "line 1: n1")


def test_a_term_needs_a_letter_or_a_digit() -> None:
    check_term("7-up", "here")
    with pytest.raises(ValueError, match=r"^here: term "):
        check_term("--", "here")
