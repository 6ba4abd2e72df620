import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model
from gensim.test.utils import datapath
from support.damage import damaged, is_read_or_refused

from components.shared.storage import store
from components.shared.vector_formats import (
    FASTTEXT_BINARY,
    FASTTEXT_MAGIC,
    GLOVE,
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    vector_format,
)
from components.train_skipgram.vector_files import Entry, open_vectors

NAMES = ["the", "Great_White_Shark", "café", "go-kart"]


def _vectors() -> np.ndarray:
    # Bytes of 0x0A and 0x20 inside a vector must not be taken for the end of a line or name.
    vectors = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    vectors[1].view(np.uint8)[:8] = [10, 32, 10, 32, 32, 32, 10, 10]
    return vectors


def _gensim() -> KeyedVectors:
    made = KeyedVectors(7)
    made.add_vectors(NAMES, _vectors())
    return made


def _entries(path: Path, scratch: Path) -> list[Entry]:
    with open_vectors(str(path), 7, scratch) as file:
        return list(file.entries)


def _read(path: Path | str, scratch: Path) -> tuple[str, int, list[str], np.ndarray, list[object]]:
    scratch.mkdir(exist_ok=True)
    with open_vectors(str(path), vector_format(str(path)).dim, scratch) as file:
        entries = list(file.entries)
    names = [entry.name.decode() for entry in entries]
    vectors = np.stack([entry.vector for entry in entries])
    return file.format, file.dim, names, vectors, [entry.count for entry in entries]


@pytest.mark.parametrize(
    ("format", "binary", "header"),
    [(WORD2VEC_BINARY, True, True), (WORD2VEC_TEXT, False, True), (GLOVE, False, False)],
)
@pytest.mark.parametrize("name", ["vectors.xyz", "vectors.gz"])
def test_what_gensim_writes_is_recognised_by_its_content(
    tmp_path: Path, format: str, binary: bool, header: bool, name: str
) -> None:
    path = tmp_path / name
    _gensim().save_word2vec_format(str(path), binary=binary, write_header=header)
    found, dim, names, vectors, counts = _read(path, tmp_path / "scratch")
    assert (found, dim, names, counts) == (format, 7, NAMES, [None] * 4)
    np.testing.assert_allclose(vectors, _vectors(), rtol=1e-6)


def test_a_line_end_after_each_binary_vector_is_optional(tmp_path: Path) -> None:
    rows = zip(NAMES, _vectors(), strict=True)
    content = b"4 7\n" + b"".join(n.encode() + b" " + v.tobytes() + b"\n" for n, v in rows)
    (tmp_path / "v").write_bytes(content)
    found, _, names, vectors, _ = _read(tmp_path / "v", tmp_path)
    assert (found, names) == (WORD2VEC_BINARY, NAMES)
    np.testing.assert_array_equal(vectors, _vectors())


def test_more_binary_vectors_than_one_read_are_whole(tmp_path: Path) -> None:
    vectors = np.random.default_rng(1).normal(size=(3000, 150)).astype(np.float32)
    made = KeyedVectors(150)
    made.add_vectors([f"w{n}" for n in range(3000)], vectors)
    made.save_word2vec_format(str(tmp_path / "v"), binary=True)
    _, _, names, read, _ = _read(tmp_path / "v", tmp_path)
    assert names == made.index_to_key
    np.testing.assert_array_equal(read, vectors)


def test_a_glove_name_may_have_spaces(tmp_path: Path) -> None:
    (tmp_path / "glove").write_text("the 0.5 1 -2\nat name@domain.com 1e-3 2 3\n. . . 1 2 3\n")
    found, dim, names, vectors, _ = _read(tmp_path / "glove", tmp_path)
    assert (found, dim, names) == (GLOVE, 3, ["the", "at name@domain.com", ". . ."])
    np.testing.assert_allclose(vectors, [[0.5, 1.0, -2.0], [1e-3, 2.0, 3.0], [1.0, 2.0, 3.0]])


def test_real_files_of_every_text_format_are_read(tmp_path: Path) -> None:
    assert _read(datapath("test_glove.txt"), tmp_path)[:2] == (GLOVE, 50)
    assert _read(datapath("lee_fasttext.vec"), tmp_path)[:2] == (WORD2VEC_TEXT, 10)
    assert _read(datapath("euclidean_vectors.bin"), tmp_path)[:2] == (WORD2VEC_BINARY, 10)


@pytest.mark.parametrize("name", ["crime-and-punishment.bin", "lee_fasttext_new.bin"])
def test_facebooks_own_files_give_the_vectors_that_gensim_computes(
    tmp_path: Path, name: str
) -> None:
    found, _, names, vectors, counts = _read(datapath(name), tmp_path)
    expected = load_facebook_vectors(datapath(name))
    assert (found, names) == (FASTTEXT_BINARY, expected.index_to_key)
    np.testing.assert_allclose(vectors, expected.vectors, rtol=1e-4, atol=1e-6)
    assert counts == [expected.get_vecattr(word, "count") for word in names]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_fasttext_model_that_gensim_wrote_is_read(tmp_path: Path, zipped: bool) -> None:
    made = FastText(vector_size=8, min_count=1, bucket=50, epochs=1, workers=1, seed=1)
    lines = [["tiger", "shark", "fin"], ["shark", "teapot"]] * 5
    made.build_vocab(lines)
    made.train(lines, total_examples=10, epochs=1)
    save_facebook_model(made, str(tmp_path / "model.bin"))
    path = tmp_path / "model.bin"
    if zipped:
        path = tmp_path / "zipped"
        path.write_bytes(gzip.compress((tmp_path / "model.bin").read_bytes()))
    _, _, names, vectors, counts = _read(path, tmp_path / "scratch")
    assert (names[0], counts[0]) == ("shark", 10)
    np.testing.assert_allclose(vectors[names.index("fin")], made.wv["fin"], rtol=1e-5, atol=1e-7)


def test_a_file_in_an_s3_store_is_read(tmp_path: Path, s3: str) -> None:
    _gensim().save_word2vec_format(str(tmp_path / "v"), binary=True)
    store.upload(tmp_path / "v", f"{s3}/GoogleNews.bin")
    assert _read(f"{s3}/GoogleNews.bin", tmp_path / "scratch")[2] == NAMES


BROKEN = {
    "no format": b"\x80\x04\x95 a pickle",
    "empty": b"",
    "text": b"It was the best of times.\n",
    "numbers missing": b"3 2\na 1 2\nb 1\nc 1 2\n",
    "no number": b"a 1 2\nb 1 two\n",
    "not finite": b"a 1 2\nb 1 nan\n",
    "lines missing": b"3 2\na 1 2\nb 1 2\n",
    "binary cut": b"2 2\na " + struct.pack("<2f", 1, 2) + b"b " + struct.pack("<f", 1),
    "binary too long": b"1 2\na " + struct.pack("<2f", 1, 2) + b"\nb " + struct.pack("<2f", 1, 2),
    "binary not finite": b"1 2\na " + struct.pack("<2f", 1, float("inf")),
}
SENTENCES = {
    "no format": "no format of word vectors that is known",
    "empty": "no format of word vectors that is known",
    "text": "no format of word vectors that is known",
    "numbers missing": "v, line 3, is not a name and 2 numbers",
    "no number": "v, line 2, is not a name and 2 numbers",
    "not finite": "v, line 2, is not a name and 2 numbers",
    "lines missing": "v has 2 entries and its first line says 3",
    "binary cut": "v ends at entry 2 of 2",
    "binary too long": "v has more entries and its first line says 1",
    "binary not finite": "v, entry 1, has a number that is not finite",
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_broken_file_is_refused_with_its_name_and_place(
    tmp_path: Path, kind: str, zipped: bool
) -> None:
    (tmp_path / "v").write_bytes(gzip.compress(BROKEN[kind]) if zipped else BROKEN[kind])
    with pytest.raises(ValueError, match=SENTENCES[kind]):
        _read(tmp_path / "v", tmp_path / "scratch")


def test_a_gzip_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    content = gzip.compress(np.random.default_rng(0).bytes(300_000))
    (tmp_path / "v").write_bytes(content[:100_000])
    with pytest.raises(ValueError, match="v cannot be unpacked"):
        _entries(tmp_path / "v", tmp_path)


@pytest.mark.parametrize("bytes_left", [10, 100, 1000, 6000, 12000])
def test_a_fasttext_file_that_ends_early_is_refused(tmp_path: Path, bytes_left: int) -> None:
    content = Path(datapath("crime-and-punishment.bin")).read_bytes()
    (tmp_path / "v").write_bytes(content[:bytes_left])
    with pytest.raises(ValueError, match="v ends early: copy it again"):
        _read(tmp_path / "v", tmp_path)


def test_a_fasttext_classifier_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a fastText classifier or a compressed"):
        _read(datapath("pang_lee_polarity_fasttext.bin"), tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no file of word vectors: check skipgram_pretrained"):
        _entries(tmp_path / "none", tmp_path)


@pytest.mark.parametrize("head", [b"3 2\n", b"", b"\xef\xbb\xbf3 2\n", b"\xef\xbb\xbf"])
def test_blank_lines_and_a_byte_order_mark_are_passed_over(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "v").write_bytes(head + b"a 1 2\n\nb 3 4\n \n 5 6\n\n\n")
    _, _, names, vectors, _ = _read(tmp_path / "v", tmp_path)
    assert names == ["a", "b", ""]
    assert vectors.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_first_entry_without_a_name_changes_no_dimension(tmp_path: Path) -> None:
    (tmp_path / "v").write_bytes(b" 1 2 3\nb 4 5 6\n")
    assert _read(tmp_path / "v", tmp_path)[:3] == (GLOVE, 3, ["", "b"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 2\na 1 2\nb" + bytes(1 << 20), "v, line 3, is not a name and 2 numbers"),
        (b"2 2\na" + bytes(1 << 20), "v, entry 1, has a name of more than 65,536 bytes"),
        (FASTTEXT_MAGIC + bytes(1 << 22), "v unpacks to more than 100 times its size"),
    ],
)
def test_zeros_that_a_packed_file_is_full_of_are_not_read_whole(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "v").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=message):
        _read(tmp_path / "v", tmp_path / "scratch")


@pytest.mark.parametrize("kind", ["text", "binary"])
def test_whatever_bytes_are_changed_a_file_is_read_or_refused_by_name(
    tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "v"
    _gensim().save_word2vec_format(str(file), binary=kind == "binary")
    for data in damaged(file.read_bytes(), 200):
        file.write_bytes(data)
        assert is_read_or_refused(lambda: _entries(file, tmp_path), str(file))
