from pathlib import Path

import pytest

from components.prepare_taxonomy.preparation import read_hierarchy
from components.shared.settings.known_wnids import known_wnids

STRUCTURE = """<ImageNetStructure><synset wnid="fall11" words="ImageNet">
<synset wnid="n00000001" words="animal"><synset words="dog" wnid='n00000002'/></synset>
</synset></ImageNetStructure>"""
NOUNS = (
    "  1 licence  \n00000014 03 n 01 entity 0 000 | it is  \n"
    "00000054 03 n 01 thing 0 001 @ 00000014 n 0000 | it is  \n"
)


@pytest.mark.parametrize(("name", "text"), [("a.xml", STRUCTURE), ("data.noun", NOUNS)])
def test_they_are_those_that_the_stage_reads_terms_of(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    terms = read_hierarchy(str(tmp_path / name)).terms
    assert terms is not None
    assert known_wnids(str(tmp_path), name) == set(terms)


@pytest.mark.parametrize("name", ["a.xml", "data.noun", "edges.txt"])
def test_a_words_file_goes_first(tmp_path: Path, name: str) -> None:
    (tmp_path / "words.txt").write_text("n00000009\tcat\n")
    assert known_wnids(str(tmp_path), name) == {"n00000009"}


def test_an_edge_list_needs_a_words_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"words\.txt' is no file"):
        known_wnids(str(tmp_path), "edges.txt")
