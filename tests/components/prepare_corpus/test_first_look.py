import bz2
import re
from pathlib import Path

import pytest
from support.web_server import serving

from components.prepare_corpus.first_look import look_at_text
from components.shared.storage import store


def test_text_that_can_be_read_passes_whatever_comes_later(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"an article\n\n" * 2000 + b"\0")
    (tmp_path / "empty").write_bytes(b"")
    look_at_text(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.bz2", b"no archive", r"b\.bz2 is cut short or broken"),
        ("b.gz", b"\x1f\x8b\x08\0", r"b\.gz is cut short or broken"),
        ("b.html", b"<html>\n", r"b\.html is XML or HTML of a kind that is not read"),
        ("b.jsonl", b'{"title": 1}\n', r'b\.jsonl, line 1: no string under "text"'),
        ("b", b"one\0two\n", "b, line 1: this is no UTF-8 text"),
        ("b.xml", b"<mediawiki><page></mediawiki>", r"b\.xml, line 1: broken or cut short XML"),
    ],
)
def test_a_file_of_each_kind_is_opened(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / "a.txt").write_text("a text")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        look_at_text(str(tmp_path))


def test_a_text_elsewhere_is_opened_where_it_lies(tmp_path: Path, s3: str) -> None:
    (tmp_path / "a.bz2").write_bytes(bz2.compress(b"a text"))
    (tmp_path / "b.bz2").write_bytes(b"no archive")
    store.upload(tmp_path / "a.bz2", f"{s3}/good/a.bz2")
    store.upload(tmp_path / "b.bz2", f"{s3}/bad/b.bz2")
    look_at_text(f"{s3}/good/*.bz2")
    with pytest.raises(ValueError, match=re.escape(f"{s3}/bad/b.bz2 is cut short")):
        look_at_text(f"{s3}/bad")
    with serving(tmp_path) as server:
        look_at_text(f"{server.url}/a.bz2")
        with pytest.raises(ValueError, match=r"/b\.bz2 is cut short"):
            look_at_text(f"{server.url}/b.bz2")
