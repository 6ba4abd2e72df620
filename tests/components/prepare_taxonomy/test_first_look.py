from pathlib import Path

import pytest
from support.settings import unchecked

from components.prepare_taxonomy.first_look import look_at_taxonomy
from components.shared.settings.taxonomy import TaxonomySettings


def config_of(folder: Path, words: str, edges: str) -> TaxonomySettings:
    (folder / "words.txt").write_text(words)
    (folder / "e.txt").write_text(edges)
    return unchecked(TaxonomySettings, uri=str(folder), edges="e.txt")


def test_the_terms_come_back(tmp_path: Path) -> None:
    terms = look_at_taxonomy(config_of(tmp_path, "n1\tone, 1\nn2\ttwo\n", "n1 n2\n"))
    assert terms == {"n1": ("one", "1"), "n2": ("two",)}


@pytest.mark.parametrize(
    ("words", "edges", "message"),
    [
        ("n1\tone\nn2\n", "n1 n2\n", r"words\.txt, line 2: n2 has no terms"),
        ("n1\tone\n", "n1 n2\nn2 n1\n", r"e\.txt, line 2: n2 n1 is in line 1 already"),
        ("n1\tone\n", "a b\n", r"e\.txt and words\.txt in .* have no wnid in common"),
    ],
)
def test_what_is_broken_is_refused_by_file_and_line(
    tmp_path: Path, words: str, edges: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        look_at_taxonomy(config_of(tmp_path, words, edges))
