"""What documents point at is there, and they are built to a site that needs nothing else."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]
LINK = re.compile(r"\]\(([^)#:]+)\)")
LOADED = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=["']?(\w+:|//)""")
MADE = ("index", "loss", "contributing", "changelog", "parameters", "metrics", "commands")
PATH = re.compile(r"`((?:components|pipeline|tests|docker|manifests|docs)/[\w/.-]*)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_the_rooms_are_where_the_architecture_says() -> None:
    for path in PATH.findall((PROJECT / "docs" / "architecture.md").read_text()):
        assert "/x/" in path or (PROJECT / path).exists(), path


def test_the_table_of_stages_names_every_one() -> None:
    table = (PROJECT / "docs" / "architecture.md").read_text()
    for face in (PROJECT / "components").glob("*/component.py"):
        assert f"\n| `{face.parent.name}` |" in table


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = ["mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=PROJECT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    return folder


def test_the_site_has_a_page_for_each_document_and_for_what_is_made_from_the_code(
    site: Path,
) -> None:
    written = {file.stem for file in (PROJECT / "docs").glob("*.md")}
    assert {file.stem for file in site.glob("*.html")} == {*written, *MADE, "404"}
    assert "devise_margin" in (site / "parameters.html").read_text()
    assert "devise_squared" in (site / "loss.html").read_text()


def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.glob("*.html"):
        assert LOADED.findall(page.read_text()) == [], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"@import|url\((?!data:)[\"']?(?:\w+:)?//", style.read_text())


def test_the_citation_names_the_version_and_the_licence_of_the_project() -> None:
    cited = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert (cited["version"], cited["license"]) == (declared["version"], declared["license"])
    assert cited["references"][0]["year"] == 2013
