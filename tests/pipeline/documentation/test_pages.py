import pytest

from pipeline.documentation.pages import for_the_site, section

PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}


@pytest.mark.parametrize(
    ("file", "written", "read"),
    [
        ("README.md", "[data](docs/data.md)", "[data](data.md)"),
        ("README.md", "![form](docs/pictures/form.png)", "![form](pictures/form.png)"),
        ("docs/data.md", "[up](../CONTRIBUTING.md#a-loss)", "[up](contributing.md#a-loss)"),
        ("docs/data.md", "[beside](text.md)", "[beside](text.md)"),
        ("docs/data.md", "[paper](https://example.org/a)", "[paper](https://example.org/a)"),
        ("docs/data.md", "[below](#below)", "[below](#below)"),
        ("docs/data.md", "see [pipeline/dag.py](../pipeline/dag.py).", "see pipeline/dag.py."),
    ],
)
def test_a_link_leads_to_the_page_of_what_it_named(file: str, written: str, read: str) -> None:
    assert for_the_site(written, file, PAGES) == read


def test_what_is_no_page_is_linked_in_the_repository_where_that_has_an_address() -> None:
    found = for_the_site(
        "[tests](../tests/twins)", "docs/trust.md", PAGES, "https://r.org/tree/main/"
    )
    assert found == "[tests](https://r.org/tree/main/tests/twins)"


def test_a_section_ends_where_the_next_of_its_level_or_above_begins() -> None:
    text = "# All\n### A loss\n# a.py\nThree files.\n#### More\nA twin.\n### A layout\n## Else\n"
    assert section(text, "### A loss") == "# a.py\nThree files.\n#### More\nA twin.\n"
    assert section(text, "### A layout") == ""
