import bz2
import gzip
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from components.prepare_corpus import articles, mediawiki_dump
from components.prepare_corpus.articles import read_articles
from components.prepare_corpus.long_text import LONGEST_PIECE
from components.shared.storage import store

WIKI = """<doc id="12" url="http://x" title="Shark">
Shark

A shark swims.
It bites.
</doc>
<doc id="13" url="http://y" title="Nothing">
</doc>
<doc id="14" url="http://z" title="Car">
Car

</doc>
"""


def _articles(path: Path, content: str | bytes) -> list[list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_articles(str(path)))


def test_wikiextractor_articles_keep_their_title_and_paragraphs(tmp_path: Path) -> None:
    assert _articles(tmp_path / "wiki_00", WIKI) == [
        ["Shark", "A shark swims.", "It bites."],
        ["Car"],
    ]


@pytest.mark.parametrize(("end", "pack"), [(".bz2", bz2.compress), (".gz", gzip.compress)])
def test_compressed_files_read_like_plain_ones(
    tmp_path: Path, end: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = _articles(tmp_path / f"wiki{end}", pack(WIKI.encode()))
    assert packed == _articles(tmp_path / "wiki", WIKI)


def test_a_bz2_of_several_streams_is_read_to_its_end(tmp_path: Path) -> None:
    streams = bz2.compress(WIKI.encode()) + bz2.compress(WIKI.encode())
    assert len(_articles(tmp_path / "wiki.bz2", streams)) == 4


def test_a_blank_line_ends_an_article_of_plain_text(tmp_path: Path) -> None:
    assert _articles(tmp_path / "a.txt", "\none\ntwo\n\n \n\nthree\n\n") == [
        ["one", "two"],
        ["three"],
    ]


def test_plain_text_without_blank_lines_holds_an_article_a_line(tmp_path: Path) -> None:
    assert _articles(tmp_path / "a.txt", "one\r\ntwo\r\nthree\r\n\r\n") == [
        ["one"],
        ["two"],
        ["three"],
    ]


def test_other_line_separators_of_unicode_end_no_line(tmp_path: Path) -> None:
    assert _articles(tmp_path / "a.txt", "one\u2028two\x85three\nfour") == [
        ["one\u2028two\x85three"],
        ["four"],
    ]


def test_an_empty_file_has_no_articles(tmp_path: Path) -> None:
    assert _articles(tmp_path / "a.txt", "") == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<doc id="1">\na\n<doc id="2">\n', r"wiki, line 3: <doc> before the </doc>"),
        ('<doc id="1">\na\n</doc>\n</doc>\n', r"wiki, line 4: </doc> without its <doc>"),
        ('<doc id="1">\na\n</doc>\nb\n', r"wiki, line 4: text outside <doc>"),
        ('<doc id="1">\na\n', r"wiki ends within an article"),
        (b"a\ncaf\xe9\n", r"wiki, line 2: this is no UTF-8 text"),
        (b"a\nb" + bytes(99), r"wiki, line 2: this is no UTF-8 text \(it has a null character"),
        ("<feed>\n<doc>\n", r"wiki is XML or HTML of a kind that is not read"),
        ("  <page>\n<title>a</title>\n", r"wiki, line 3: broken or cut short XML"),
    ],
)
def test_broken_text_is_refused_by_name(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _articles(tmp_path / "wiki", content)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("content", [WIKI, "one\n\nकेला\ntwo\n"])
def test_text_is_the_same_with_a_byte_order_mark(
    tmp_path: Path, encoding: str, content: str
) -> None:
    marked = _articles(tmp_path / "marked", content.encode(encoding))
    assert marked == _articles(tmp_path / "plain", content)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_an_archive_of_files_is_refused_by_name(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    with tarfile.open(tmp_path / "all.tar", "w") as tar:
        tar.add(Path(__file__), "text.txt")
    with pytest.raises(ValueError, match="packed is a tar archive, which is not read: unpack it"):
        _articles(tmp_path / "packed", pack((tmp_path / "all.tar").read_bytes()))


def test_a_line_of_any_length_is_read_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(articles, "LONGEST_PAGE", LONGEST_PIECE)
    words = "one two three four " * 500_000
    (tmp_path / "long").write_text(words)
    tracemalloc.start()
    letters = sum(
        len(line) + 1 for article in read_articles(str(tmp_path / "long")) for line in article
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert letters == len(words)
    assert peak < 8 * LONGEST_PIECE


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress])
@pytest.mark.parametrize(
    ("beginning", "unit", "message"),
    [
        (b"", b"\0", "line 1: this is no UTF-8 text"),
        (b"one\ntwo\n", b"\0", "line 3: this is no UTF-8 text"),
        (b"", b"a", "line 1: 65,536 letters follow each other without a space"),
        (b'{"text": "', b"\0", "line 1: this is no UTF-8 text"),
        (b'{"text": "', b"a", "line 1: more than 131,072 characters"),
        (b'{"text": "a"}\n{"text": "', b"a", "line 2: more than 131,072 characters"),
        (b"<mediawiki><page><text>", b"a", "line 1: a page has more than 131,072 characters"),
        (b"<mediawiki><page a='", b"a", "line 1: a tag has more than 4,194,304 bytes"),
        (b"<doc id='1'>\n", b"a", "line 2: 65,536 letters follow each other without a space"),
    ],
)
def test_what_unpacks_without_end_is_refused_in_little_memory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pack: Callable[[bytes], bytes],
    beginning: bytes,
    unit: bytes,
    message: str,
) -> None:
    monkeypatch.setattr(articles, "LONGEST_PIECE", 1 << 16)
    monkeypatch.setattr(articles, "LONGEST_PAGE", 1 << 17)
    monkeypatch.setattr(mediawiki_dump, "LONGEST_PAGE", 1 << 17)
    (tmp_path / "bomb").write_bytes(pack(beginning + unit * (1 << 25)))
    tracemalloc.start()
    with pytest.raises(ValueError, match=f"bomb, {message}"):
        list(read_articles(str(tmp_path / "bomb")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The 4 MB of the longest tag are read, the 32 MB of the file are not.
    assert peak < 1 << 24


@pytest.mark.parametrize("pack", [bz2.compress, gzip.compress])
def test_blank_space_without_end_is_read_through_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(articles, "LONGEST_PIECE", 1 << 16)
    (tmp_path / "bomb").write_bytes(pack(b"one" + b" " * (1 << 24) + b"two"))
    tracemalloc.start()
    assert list(read_articles(str(tmp_path / "bomb"))) == [["one"], ["two"]]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 23


@pytest.mark.parametrize(("end", "pack"), [(".bz2", bz2.compress), (".gz", gzip.compress)])
def test_a_broken_archive_is_refused_by_name(
    tmp_path: Path, end: str, pack: Callable[[bytes], bytes]
) -> None:
    cut = pack(WIKI.encode())[:-12]
    with pytest.raises(ValueError, match=rf"wiki{end} is cut short or broken"):
        _articles(tmp_path / f"wiki{end}", cut)
    with pytest.raises(ValueError, match=rf"wiki{end} is cut short or broken"):
        _articles(tmp_path / f"wiki{end}", b"no archive at all")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.bz2"):
        list(read_articles(str(tmp_path / "none.bz2")))


@pytest.mark.parametrize(
    ("end", "pack"), [("", bytes), (".bz2", bz2.compress), (".gz", gzip.compress)]
)
def test_text_is_streamed_from_object_storage(
    s3_server: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    end: str,
    pack: Callable[[bytes], bytes],
) -> None:
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    local = _articles(tmp_path / f"wiki{end}", pack((WIKI * 500).encode()))
    store.upload(tmp_path / f"wiki{end}", f"s3://devise/text/wiki{end}")
    assert list(read_articles(f"s3://devise/text/wiki{end}")) == local
