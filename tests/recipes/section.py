"""Run in a copy of the project in which the recipe for a section was followed."""

import re

pytest_plugins = ("tests.components.conftest", "tests.components.draw_report.conftest")


def test_it_stands_in_the_page_and_in_its_contents(page: str) -> None:
    contents = page[page.index("<nav>") : page.index("</nav>")]
    assert '<a href="#splits">Splits</a><a href="#facts">' in contents.replace("\n", "")
    section = page[page.index('<section id="splits">') :]
    assert "<h2>Images of each split</h2>" in section
    assert re.search(r">test</t[dh]><td[^>]*>20</td><td[^>]*>15</td>", section)
