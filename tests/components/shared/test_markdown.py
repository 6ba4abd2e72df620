import pytest

from components.shared.markdown import escaped, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("great white shark", "great white shark"),
        ("<script>alert(1)</script>", r"\<script\>alert(1)\</script\>"),
        ("a | b", r"a \| b"),
        ("[l](http://e.x) ![i](j)", r"\[l\](http\://e.x) \!\[i\](j)"),
        ("_z_ *b* `c` ~s~ &lt; #h", r"\_z\_ \*b\* \`c\` \~s\~ \&lt; \#h"),
        ("a \\| b", r"a \\\| b"),
        ("one\n\n# two", r"one \# two"),
    ],
)
def test_a_text_shows_as_it_is(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_a_table_has_names_to_the_left_and_figures_to_the_right() -> None:
    assert table(["a", "b", "c"], [["x", "y", "1"]], names=2).splitlines() == [
        "| a | b | c |",
        "| --- | --- | ---: |",
        "| x | y | 1 |",
    ]
