import gzip
import struct
from pathlib import Path

import pytest

from components.shared.vector_formats import (
    FASTTEXT_BINARY,
    FASTTEXT_MAGIC,
    GLOVE,
    WORD2VEC_BINARY,
    WORD2VEC_TEXT,
    VectorFormat,
    check_dim,
    numbers_of,
    recognised,
    vector_format,
)

BEGINNINGS = {
    b"3 2\na 1 2\n": VectorFormat(WORD2VEC_TEXT, 2, 3),
    b"3 2\na " + struct.pack("<2f", 1, 2): VectorFormat(WORD2VEC_BINARY, 2, 3),
    b"a 1 2 3\n": VectorFormat(GLOVE, 3),
    b"\xef\xbb\xbfa 1 2 3\n": VectorFormat(GLOVE, 3),
    FASTTEXT_MAGIC + struct.pack("<2i", 12, 300) + bytes(9): VectorFormat(FASTTEXT_BINARY, 300),
}


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("zipped", [False, True])
def test_the_beginning_of_a_file_tells_format_and_dimension(
    tmp_path: Path, beginning: bytes, zipped: bool
) -> None:
    content = gzip.compress(beginning)[:-8] if zipped else beginning
    (tmp_path / "vectors").write_bytes(content)
    assert vector_format(str(tmp_path / "vectors")) == BEGINNINGS[beginning]


def test_a_first_line_that_says_another_dimension_than_the_second_has_is_refused() -> None:
    with pytest.raises(ValueError, match=r"v: its first line says 16 numbers .* line 2 has 3"):
        recognised(b"9 16\na 1 -2 3e-4\n", "v")


@pytest.mark.parametrize("head", [b"", b"a text", b"1" * 5000 + b" 2\n", FASTTEXT_MAGIC])
def test_what_is_in_no_format_is_refused_by_name(head: bytes) -> None:
    with pytest.raises(ValueError, match=r"vectors\.bin (is in no format|ends early)"):
        recognised(head, "vectors.bin")


def test_what_cannot_be_unpacked_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "v.gz").write_bytes(b"\x1f\x8b and no more")
    with pytest.raises(ValueError, match=r"v\.gz cannot be unpacked"):
        vector_format(str(tmp_path / "v.gz"))


def test_vectors_of_another_dimension_are_refused_with_the_setting() -> None:
    with pytest.raises(ValueError, match=r"v has vectors of 2 .* skipgram_dim is 8: set skipgram_"):
        check_dim("v", VectorFormat(GLOVE, 2), 8)


def test_a_line_has_a_name_with_spaces_or_none_only_after_a_blank() -> None:
    assert numbers_of(b"new york 1 2\n", 2) == (b"new york", [1, 2])
    assert numbers_of(b"\t1 2\n", 2) == (b"", [1, 2])
    assert numbers_of(b"1 2\n", 2) is None
    assert numbers_of(b"a b 2\n", 2) is None
    assert numbers_of(b"\n", 2) is None
