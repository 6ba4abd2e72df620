"""The page: style, heading, contents and every section, in one self-contained file."""

from pathlib import Path

from components.draw_report.claims import CONTAMINATION
from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Markup, element
from components.draw_report.run_facts import run_facts
from components.draw_report.sections import SECTIONS
from components.shared.artifacts.evaluation import CONTAMINATED
from components.shared.plurals import counted

TITLE = "DeViSE: evaluation report"
STYLE = Path(__file__).with_name("style.css")
SCRIPTS = (Path(__file__).with_name("links.js"), Path(__file__).with_name("gallery.js"))


def report_page(data: ReportData) -> str:
    """Return the whole page as HTML; it loads nothing from elsewhere."""
    sections = [section.draw(data) for section in SECTIONS]
    main = element("main", *_banner(data), _heading(data), *_run(data), _contents(), *sections)
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", TITLE),
        Markup(f"<style>\n{_text(STYLE)}</style>"),
    )
    script = Markup(f"<script>\n{''.join(map(_text, SCRIPTS))}</script>")
    return (
        "<!doctype html>\n"
        + element("html", head, element("body", main, script), lang="en").text
        + "\n"
    )


def _banner(data: ReportData) -> list[Markup]:
    """Warn where the zero-shot figures are not zero-shot."""
    if not data.contaminated:
        return []
    name = element("b", CONTAMINATED)
    return [element("p", name, f": {CONTAMINATION}", class_="banner", role="alert")]


def _heading(data: ReportData) -> Markup:
    seen, unseen = data.artifacts.classes["seen"].astype(bool), data.zero_shot_sets()
    sets = ", ".join(
        f"{name} ({counted(len(data.candidates(name).members), 'label')})" for name in unseen
    )
    facts = [
        counted(int(seen.sum()), "seen class", "seen classes"),
        f"zero-shot: {sets}" if sets else "no zero-shot set",
        counted(len(data.frame), "test image"),
        f"{data.artifacts.visual['architecture']}, {data.artifacts.devise['dim']} dimensions",
        f"hierarchy: {data.facts['hierarchy']}",
    ]
    return element(
        "header",
        element("p", "Deep visual-semantic embedding", class_="kicker"),
        element("h1", "How well does it name what it sees, and what it has never seen?"),
        element("p", " · ".join(facts), class_="note"),
    )


def _run(data: ReportData) -> list[Markup]:
    """Say of which run the page is, as far as that was recorded."""
    facts = run_facts(data.facts)
    if not facts:
        return []
    pairs = [
        element("div", element("dt", title), element("dd", text)) for title, text in facts.items()
    ]
    return [element("dl", *pairs, class_="run")]


def _contents() -> Markup:
    return element("nav", *(section.link() for section in SECTIONS))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
