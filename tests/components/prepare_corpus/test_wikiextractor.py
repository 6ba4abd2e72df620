import bz2
import gzip
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from components.prepare_corpus.articles import read, read_articles, read_unread


def _line(title: str, text: str) -> str:
    return json.dumps({"id": "1", "url": "http://x", "title": title, "text": text})


JSON = "\n".join(
    [
        _line("Shark", "A shark swims.\nIt bites.\n\nOften."),
        _line("Nothing", " \n"),
        "",
        _line("Café", "Café\n\nA place\u2028to drink."),
    ]
)


def _articles(path: Path, content: str | bytes) -> list[list[str]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_articles(str(path)))


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress])
def test_json_lines_give_an_article_each_with_its_title_once(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    assert _articles(tmp_path / "wiki_00", pack(JSON.encode())) == [
        ["Shark", "A shark swims.", "It bites.", "Often."],
        ["Café", "A place\u2028to drink."],
    ]


def test_empty_articles_are_counted(tmp_path: Path) -> None:
    (tmp_path / "json").write_text(JSON)
    (tmp_path / "docs").write_text('<doc id="1">\n</doc>\n<doc id="2">\na\n</doc>\n')
    pages = [page for name in ("json", "docs") for page in read_unread(str(tmp_path / name))]
    assert Counter(read(page)[1] for page in pages) == {"": 3, "empty_articles": 2}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"title": "x", "text": "y"', r"wiki, line 5: broken JSON"),
        ("text", r"wiki, line 5: broken JSON"),
        ("[1]", r"wiki, line 5: no JSON object"),
        ('{"a": ' * 100_000, r"wiki, line 5: broken JSON"),
        ('{"title": "x"}', r'wiki, line 5: no string under "text"'),
        ('{"title": 3, "text": "y"}', r'wiki, line 5: no string under "title"'),
    ],
)
def test_a_broken_line_is_refused_by_number(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _articles(tmp_path / "wiki", f"{JSON}\n{line}\n")
