import io
from pathlib import Path

import pytest

from components.shared.storage import store
from components.shared.storage.lines import buffered, list_lines, text_lines


def lines(path: Path, content: bytes) -> list[tuple[int, str]]:
    path.write_bytes(content)
    return list(list_lines(str(path)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_list_is_the_same_however_it_was_saved(tmp_path: Path, encoding: str, end: str) -> None:
    content = end.join(["n1\tbanana", "n2\tकेला", "", "n3"]).encode(encoding)
    expected = [(1, "n1\tbanana"), (2, "n2\tकेला"), (3, ""), (4, "n3")]
    assert lines(tmp_path / "list", content) == expected


def test_marks_of_files_that_were_put_together_are_taken_off(tmp_path: Path) -> None:
    part = "n1\n".encode("utf-8-sig")
    assert lines(tmp_path / "list", part + part) == [(1, "n1"), (2, "n1")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"n1\nn2\nn\xff3\n", r"list, line 3: this is no UTF-8 text \(invalid start byte, .*0xff"),
        (b"n1\n" * 9000 + b"\xe9", r"list, line 9001: this is no UTF-8 text"),
        (b"n1\nn\0", r"list, line 2: this is no UTF-8 text \(it has a null character"),
        ("n1\n".encode("utf-16-le"), r"list, line 1: this is no UTF-8 text"),
        ("n1\n".encode("utf-32"), r"list, line 1: this is no UTF-8 text"),
        ("n1\nn2".encode("utf-16")[:-1], r"list, line 2: this is no UTF-8 text \(truncated data"),
        (b"n1\n" + b"x" * (1 << 21), r"list, line 2 has more than 1,048,576 characters"),
    ],
)
def test_what_is_no_list_is_refused_by_file_and_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        lines(tmp_path / "list", content)


def test_a_long_line_comes_in_pieces() -> None:
    stream = buffered(io.BytesIO(b"abcde\nfg\n\nhijk"))
    assert list(text_lines("text", stream, 4)) == [
        (1, "abcd", False),
        (1, "e", True),
        (2, "fg", True),
        (3, "", True),
        (4, "hijk", False),
    ]


def test_a_list_is_read_from_object_storage(tmp_path: Path, s3: str) -> None:
    (tmp_path / "list").write_text("n1\nn2\n", "utf-16")
    store.upload(tmp_path / "list", f"{s3}/list")
    assert list(list_lines(f"{s3}/list")) == [(1, "n1"), (2, "n2")]


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none' is no file"):
        list(list_lines(str(tmp_path / "none")))
