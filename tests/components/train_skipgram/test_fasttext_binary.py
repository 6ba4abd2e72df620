import contextlib
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from components.shared.vector_formats import FASTTEXT_MAGIC
from components.train_skipgram.fasttext_binary import read_fasttext

REAL = datapath("crime-and-punishment.bin")
WORDS, BUCKETS, DIM = [b"shark", b"caf\xe9", b"fin"], 7, 4


def model(
    names: list[bytes] = WORDS, rows: int = len(WORDS) + BUCKETS, value: float = 0.5
) -> bytes:
    """A model of n-grams of three letters."""
    matrix = np.arange(rows * DIM, dtype="<f4") + value
    return (
        FASTTEXT_MAGIC
        + struct.pack("<13id", 12, DIM, 5, 5, 1, 5, 1, 2, 2, BUCKETS, 3, 3, 100, 1e-4)
        + struct.pack("<3iqq", len(names), len(names), 0, 9, -1)
        + b"".join(name + b"\0" + struct.pack("<qb", 3, 0) for name in names)
        + struct.pack("<?qq", False, rows, DIM)
        + matrix.tobytes()
    )


def read(folder: Path, content: bytes) -> dict[bytes, tuple[int, np.ndarray]]:
    (folder / "v.bin").write_bytes(content)
    found = read_fasttext(folder / "v.bin", "v.bin")
    return {name: (count, vector) for name, count, vector in found.entries}


def test_vectors_are_those_that_gensim_computes() -> None:
    found = read_fasttext(Path(REAL), REAL)
    expected = load_facebook_vectors(REAL)
    assert found.dim == expected.vector_size
    for (name, count, vector), word in zip(found.entries, expected.index_to_key, strict=True):
        assert (name.decode(), count) == (word, expected.get_vecattr(word, "count"))
        np.testing.assert_allclose(vector, expected[word], rtol=1e-4, atol=1e-6)


def test_names_come_back_byte_for_byte(tmp_path: Path) -> None:
    found = read(tmp_path, model())
    assert list(found) == WORDS
    assert {count for count, _ in found.values()} == {3}


def test_a_word_without_n_grams_has_its_own_row(tmp_path: Path) -> None:
    found = read(tmp_path, model([b"", *WORDS[1:]]))
    np.testing.assert_array_equal(found[b""][1], [0.5, 1.5, 2.5, 3.5])


def test_sizes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"v\.bin has a matrix 9 x 4 for 3 words and 7 rows of n"):
        read(tmp_path, model(rows=9))
    with pytest.raises(ValueError, match=r"for 2 words and 7 rows of n-grams from 3 letters"):
        read(tmp_path, model([b"shark", b"shark", b"fin"]))


def test_a_number_that_is_not_finite_is_named_by_its_entry(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"v\.bin, entry 1, has a number that is not finite"):
        read(tmp_path, model(value=float("nan")))


@pytest.mark.parametrize("length", range(4, len(model()), 7))
def test_a_file_that_is_cut_anywhere_is_refused(tmp_path: Path, length: int) -> None:
    with pytest.raises(ValueError, match=r"v\.bin ends early: copy it again"):
        read(tmp_path, model()[:length])


def test_a_matrix_that_is_said_to_be_larger_than_memory_is_refused(tmp_path: Path) -> None:
    content = model()
    place = content.index(struct.pack("<qq", 10, DIM))
    huge = content[:place] + struct.pack("<qq", 1 << 40, 1 << 10) + content[place + 16 :]
    with pytest.raises(ValueError, match=r"v\.bin ends early: copy it again"):
        read(tmp_path, huge)


def test_a_damaged_file_gives_a_value_or_a_sentence(tmp_path: Path) -> None:
    draw = random.Random(0)
    for _ in range(300):
        content = bytearray(model())
        for _ in range(draw.randint(1, 3)):
            content[draw.randrange(len(FASTTEXT_MAGIC), 130)] = draw.choice((0, 1, 127, 128, 255))
        with contextlib.suppress(ValueError):
            read(tmp_path, bytes(content))


def test_a_pickle_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("unpickled")

    monkeypatch.setattr("pickle.load", refuse)
    monkeypatch.setattr("pickle.loads", refuse)
    assert list(read(tmp_path, model())) == WORDS
