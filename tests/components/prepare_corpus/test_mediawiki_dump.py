import bz2
import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import gensim
import pytest
from support.web_server import WebServer, serving

from components.prepare_corpus import mediawiki_dump
from components.prepare_corpus.articles import read, read_articles, read_unread
from components.prepare_corpus.markup import plain_text
from components.shared.storage import store, web
from components.shared.storage.http_requests import Patience

GENSIM_DATA = Path(gensim.__file__).parent / "test" / "test_data"
ENGLISH = GENSIM_DATA / "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
BULGARIAN = GENSIM_DATA / "bgwiki-latest-pages-articles-shortened.xml.bz2"
NAMESPACE = "http://www.mediawiki.org/xml/export-0.10/"


def _page(title: str, text: str, ns: str | None = "0", extra: str = "") -> str:
    ns_tag = "" if ns is None else f"<ns>{ns}</ns>"
    revision = f"<revision><text>{text}</text></revision>"
    return f"  <page><title>{title}</title>{ns_tag}{extra}{revision}</page>\n"


def _dump(*pages: str, namespace: str = f' xmlns="{NAMESPACE}"') -> str:
    names = '<namespace key="1">Diskussion</namespace><namespace key="6">Datei</namespace>'
    siteinfo = f"<siteinfo><namespaces>{names}</namespaces></siteinfo>\n"
    return f"<mediawiki{namespace}>\n{siteinfo}{''.join(pages)}</mediawiki>\n"


DUMP = _dump(
    _page("Shark", "A [[fish]].\n\n[[Datei:x.jpg]]\n== Teeth ==\nMany &amp;amp; sharp."),
    _page("Haifisch", "#REDIRECT [[Shark]]", extra='<redirect title="Shark" />'),
    _page("Hay", " #redirect [[Shark]]"),
    _page("Talk:Shark", "no article", ns="1"),
    _page("Template:X", "no article", ns="10"),
    _page("Nothing", ""),
    _page("Only a box", "{{box}}"),
    _page("Car", "A machine.", extra="<revision><text>older</text></revision>"),
)
ARTICLES = [["Shark", "A fish.", "Teeth", "Many &amp; sharp."], ["Car", "A machine."]]


def _read(path: Path, content: str | bytes) -> list[list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_articles(str(path)))


def test_articles_keep_their_title_headings_and_boundaries(tmp_path: Path) -> None:
    assert _read(tmp_path / "dump.xml", DUMP) == ARTICLES


def test_pages_left_out_are_counted_by_reason(tmp_path: Path) -> None:
    (tmp_path / "dump.xml").write_text(DUMP)
    reasons = [read(page)[1] for page in read_unread(str(tmp_path / "dump.xml"))]
    others = {"redirects": 2, "pages_of_other_namespaces": 2, "empty_articles": 2}
    assert Counter(reasons) == {"": 2, **others}


def _multistream(content: bytes) -> bytes:
    pages = re.split(rb"(?=  <page>)", content)
    return b"".join(bz2.compress(page) for page in pages)


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress, _multistream])
@pytest.mark.parametrize("name", ["pages-articles", "dump.txt"])
def test_the_first_bytes_tell_the_format_whatever_the_name(
    tmp_path: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    assert _read(tmp_path / name, pack(DUMP.encode())) == ARTICLES


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + DUMP.encode(),
        b'<?xml version="1.0" encoding="utf-8"?>\n' + DUMP.encode(),
        ('<?xml version="1.0" encoding="utf-16"?>\n' + DUMP).encode("utf-16"),
        DUMP.encode("utf-16"),
        _dump(*re.findall(r"  <page>.*?</page>\n", DUMP, re.DOTALL), namespace="").encode(),
    ],
    ids=["utf-8 mark", "declared", "utf-16 declared", "utf-16", "no namespace"],
)  # fmt: skip
def test_every_way_to_write_the_xml_reads_the_same(tmp_path: Path, content: bytes) -> None:
    assert _read(tmp_path / "dump.xml", content) == ARTICLES


def test_in_dumps_without_ns_the_title_tells_the_namespace(tmp_path: Path) -> None:
    dump = _dump(
        _page("Diskussion:Hai", "no", ns=None),
        _page("Star Trek: Voyager", "yes", ns=None),
    )
    assert _read(tmp_path / "dump.xml", dump) == [["Star Trek: Voyager", "yes"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DUMP.replace("</title>", "</titel>", 1), r"dump, line 3: broken or cut short XML"),
        (DUMP[: len(DUMP) // 2], r"dump, line \d+: broken or cut short XML"),
        ("<?xml version='1.0'?><html></html>", r"dump is XML, but no MediaWiki dump.* <html>"),
        (DUMP.encode().replace(b"Car", b"C\xff"), r"dump, line \d+: broken"),
        (bz2.compress(DUMP.encode())[:-20], r"dump is cut short or broken"),
    ],
)
def test_a_broken_dump_is_refused_by_name_and_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _read(tmp_path / "dump", content)


@pytest.mark.parametrize("end", ["", "</mediawiki>\n"])
def test_a_stream_of_pages_cut_out_of_a_dump_is_read(tmp_path: Path, end: str) -> None:
    pages = "\n  " + _page("Car", "It drives.") + "\n  " + _page("Shark", "It swims.") + "\n" + end
    expected = [["Car", "It drives."], ["Shark", "It swims."]]
    assert _read(tmp_path / "stream.bz2", bz2.compress(pages.encode())) == expected


def test_a_page_of_any_size_is_not_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mediawiki_dump, "LONGEST_PAGE", 100_000)
    with pytest.raises(
        ValueError, match=r"dump, line \d+: a page has more than 100,000 characters"
    ):
        _read(tmp_path / "dump", _dump(_page("Car", "text " * 30_000)))


def test_pages_come_before_the_file_is_read_to_its_end(tmp_path: Path) -> None:
    many = _dump(*[_page(f"Page {number}", "text " * 500) for number in range(500)])
    (tmp_path / "dump").write_text(many.replace("</mediawiki>", "<broken"))
    articles = read_articles(str(tmp_path / "dump"))
    assert next(articles)[0] == "Page 0"
    with pytest.raises(ValueError, match="broken or cut short XML"):
        list(articles)


def _pages(dump: Path) -> list[tuple[str, bool, str]]:
    """Namespace, whether it redirects and text of every page, by parsing the whole at once."""
    root = ElementTree.fromstring(bz2.decompress(dump.read_bytes()))
    return [
        (
            page.findtext("{*}ns") or "",
            page.find("{*}redirect") is not None,
            page.findtext("{*}revision/{*}text") or "",
        )
        for page in root.iterfind("{*}page")
    ]


@pytest.mark.parametrize("dump", [ENGLISH, BULGARIAN], ids=["English", "Bulgarian in UTF-16"])
def test_a_real_dump_gives_every_article_and_no_markup(dump: Path) -> None:
    articles = list(read_articles(str(dump)))
    pages = _pages(dump)
    expected = [text for ns, redirects, text in pages if ns == "0" and not redirects and text]
    assert len(articles) == len(expected) > 0
    assert sum(1 for _ in read_unread(str(dump))) == len(pages)
    text = "\n".join(plain_text(line) for article in articles for line in article)
    for mark in ("{{", "}}", "[[", "]]", "<ref", "{|", "|}", "<!--", "'''", "http://", "</"):
        assert mark not in text
    for name in ("File:", "Category:", "Файл:", "Категория:"):
        assert f"\n{name}" not in text


def test_a_real_dump_keeps_its_prose() -> None:
    articles = {article[0]: article for article in read_articles(str(ENGLISH))}
    anarchism = articles["Anarchism"]
    assert anarchism[1].startswith(
        "Anarchism is a political philosophy that advocates self-governed societies based on "
        "voluntary institutions."
    )
    assert "Etymology and terminology" in anarchism
    assert "thumb" not in " ".join(anarchism)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[WebServer]:
    monkeypatch.setattr(web, "PATIENCE", Patience(attempts=2, first_wait=0.01))
    with serving(tmp_path / "served") as state:
        state.put("enwiki.xml.bz2", ENGLISH.read_bytes())
        yield state


def test_a_dump_is_streamed_from_the_web_over_dropped_connections(server: WebServer) -> None:
    server.drop_always_after(500_000)
    from_web = list(read_articles(f"{server.url}/enwiki.xml.bz2"))
    assert from_web == list(read_articles(str(ENGLISH)))
    assert len(server.requests) == 4


def test_a_dump_is_streamed_from_object_storage(s3: str) -> None:
    store.upload(ENGLISH, f"{s3}/enwiki.xml.bz2")
    from_store = list(read_articles(f"{s3}/enwiki.xml.bz2"))
    assert from_store == list(read_articles(str(ENGLISH)))
