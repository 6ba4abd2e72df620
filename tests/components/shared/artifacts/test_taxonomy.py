from pathlib import Path

import pandas as pd
import pytest
from support.experiment import EDGES, TERMS, write_taxonomy

from components.shared.artifacts.taxonomy import (
    EDGES_FILE,
    FACTS_FILE,
    IS_A_FILE,
    SYNSETS_FILE,
    Taxonomy,
    read_is_a,
    read_taxonomy,
)


def test_the_artifact_is_read_with_its_orders_kept(tmp_path: Path) -> None:
    write_taxonomy(tmp_path / "taxonomy")
    taxonomy = read_taxonomy(tmp_path / "taxonomy")
    assert list(taxonomy.terms)[: len(TERMS)] == list(TERMS)
    assert taxonomy.terms["n00000002"] == ("crane", "heron")
    assert taxonomy.edges == EDGES
    assert taxonomy.hierarchy == "tiny.structure.txt"


def test_which_of_two_neighbours_is_above_is_read_where_the_source_says_so(tmp_path: Path) -> None:
    write_taxonomy(tmp_path / "taxonomy")
    assert read_is_a(tmp_path / "taxonomy") is None
    pairs = pd.DataFrame(EDGES, columns=["parent", "child"])
    pairs.to_parquet(tmp_path / "taxonomy" / IS_A_FILE)
    assert read_is_a(tmp_path / "taxonomy") == EDGES


def test_a_node_of_the_hierarchy_need_not_have_terms(tmp_path: Path) -> None:
    write_taxonomy(tmp_path / "taxonomy")
    taxonomy = read_taxonomy(tmp_path / "taxonomy")
    assert {node for edge in taxonomy.edges for node in edge} - set(taxonomy.terms) == {"n00000012"}


def test_terms_as_the_corpus_has_them_come_once_each() -> None:
    terms = {"n1": ("Tiger shark", "shark"), "n2": ("tiger  shark",), "n3": ("crane",)}
    assert Taxonomy(terms, [], "").normalised_terms() == {"tiger_shark", "shark", "crane"}


@pytest.mark.parametrize("name", [SYNSETS_FILE, EDGES_FILE, FACTS_FILE])
def test_an_artifact_without_one_of_its_files_is_not_read(tmp_path: Path, name: str) -> None:
    write_taxonomy(tmp_path / "taxonomy")
    (tmp_path / "taxonomy" / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        read_taxonomy(tmp_path / "taxonomy")
