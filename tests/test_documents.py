"""What documents point at is there."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")]
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"`((?:components|pipeline|tests|docker|manifests|docs)/[\w/.-]*)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


def test_the_rooms_are_where_the_architecture_says() -> None:
    for path in PATH.findall((PROJECT / "docs" / "architecture.md").read_text()):
        assert "/x/" in path or (PROJECT / path).exists(), path


def test_the_table_of_stages_names_every_one() -> None:
    table = (PROJECT / "README.md").read_text()
    for face in (PROJECT / "components").glob("*/component.py"):
        assert f"\n| `{face.parent.name}` |" in table
