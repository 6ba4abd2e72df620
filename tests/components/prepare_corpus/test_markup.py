import pytest

from components.prepare_corpus.markup import plain_text


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("Tom &amp; Jerry&#39;s", "Tom & Jerry's"),
        ("one<br>two<BR />three", "one two three"),
        ('<span id="x" />text</ref>', " text "),
        ("&lt;br&gt;after", " after"),
        ("if a < b and c > d", "if a < b and c > d"),
        ("<M> and <brand> stay", "<M> and <brand> stay"),
    ],
)
def test_entities_become_characters_and_tags_a_space(line: str, plain: str) -> None:
    assert plain_text(line) == plain
