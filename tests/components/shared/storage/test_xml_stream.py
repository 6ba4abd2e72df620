import io
from xml.parsers import expat

import pytest

from components.shared.storage import xml_stream
from components.shared.storage.xml_stream import fed


def names(content: bytes, before: bytes = b"", after: bytes = b"") -> list[str]:
    parser, found = expat.ParserCreate(), list[str]()
    parser.StartElementHandler = lambda name, _: found.append(name)
    for _ in fed("x.xml", io.BytesIO(content), parser, before, lambda: after):
        pass
    return found


def test_a_file_is_parsed_with_what_stands_around_it() -> None:
    assert names(b"<a><b/></a>") == ["a", "b"]
    assert names(b"<b/><b/>", b"<a>", b"</a>") == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<a>\n<b></a>", r"x\.xml, line 2: broken or cut short XML"),
        (b"<a>\n", r"x\.xml, line 2: broken or cut short XML"),
        (b"", r"x\.xml, line 1: broken or cut short XML"),
        (b'<!DOCTYPE a [\n<!ENTITY b "c">]><a/>', r"x\.xml, line \d: an entity is declared"),
    ],
)
def test_what_is_no_whole_xml_is_refused_by_line(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        names(content)


def test_a_tag_that_a_parser_would_have_to_hold_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xml_stream, "LONGEST_TAG", 100_000)
    assert names(b"<a>" + b"x" * 500_000 + b"</a>") == ["a"]
    with pytest.raises(ValueError, match=r"x\.xml, line 2: a tag has more than 100,000 bytes"):
        names(b"<a>\n<b c='" + b"x>" * 250_000 + b"'/></a>")
