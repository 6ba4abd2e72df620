import re
from dataclasses import replace
from pathlib import Path

from support.report import parsed

from components.draw_report.data import ReportData
from components.draw_report.page import report_page
from components.draw_report.sections import SECTIONS
from components.shared.ranking.published import PAPER_ADDRESS


def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(page: str) -> None:
    tags = parsed(page)
    assert not {"link", "iframe", "object"} & set(tags.seen)
    assert tags.seen.count("script") == 1
    assert not re.search(r"fetch|import\b|XMLHttpRequest|http", page[page.index("<script>") :])
    elsewhere = [
        one for one in tags.addresses if not one.startswith(("data:image/jpeg;base64,", "#"))
    ]
    assert elsewhere == [PAPER_ADDRESS], "a link, which loads nothing"
    assert f'<a href="{PAPER_ADDRESS}"' in page
    assert page.count("url(") == page.count("url(#arrow)")
    assert "@import" not in page


def test_text_from_data_is_escaped(page: str) -> None:
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_every_section_is_there_once_and_in_the_contents(page: str) -> None:
    anchors = re.findall(r'<section id="(\w+)"', page)
    contents = page[page.index("<nav>") : page.index("</nav>")]
    assert re.findall(r'href="#(\w+)"', contents) == anchors
    assert anchors == [
        "summary", "gallery", "method", "comparison", "generalised", "tests", "errors", "classes",
        "map", "training", "labels", "shared", "card", "facts",
    ]  # fmt: skip


def test_every_module_of_sections_is_a_section_of_the_page(project: Path) -> None:
    folder = project / "components" / "draw_report" / "sections"
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert {section.content.__module__.rpartition(".")[2] for section in SECTIONS} == modules


def test_links_of_the_page_scroll_instead_of_loading_another(page: str) -> None:
    script = page[page.index("<script>") : page.index("</script>")]
    assert "event.preventDefault()" in script
    assert "scrollIntoView" in script


def test_a_contaminated_run_says_so_above_and_at_every_zero_shot_table(data: ReportData) -> None:
    page = report_page(replace(data, contaminated=True))
    assert page.count("zero_shot_contaminated") == 3
    assert "never saw" not in page
    assert "zero_shot_contaminated" not in report_page(replace(data, contaminated=False))


def test_the_page_is_a_file_that_can_be_opened_offline(page: str, tmp_path: Path) -> None:
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page
    assert 'name="viewport"' in page


def test_the_heading_says_of_which_run_the_page_is(data: ReportData, page: str) -> None:
    assert '<dl class="run">' not in page, "nothing was recorded"
    facts = {**data.facts, "command": "python pipeline.py run <x>", "git_commit": "0a1b2c"}
    shown = report_page(replace(data, facts=facts))
    heading = shown[shown.index('<dl class="run">') : shown.index("<nav>")]
    assert "<dt>Command</dt><dd>python pipeline.py run &lt;x&gt;</dd>" in heading
    assert "<dt>Commit</dt><dd>0a1b2c</dd>" in heading


def test_without_its_script_the_page_shows_every_image_and_no_controls(page: str) -> None:
    assert re.search(r'<div class="controls" hidden="">', page)
    assert not re.search("<article[^>]* hidden", page)
