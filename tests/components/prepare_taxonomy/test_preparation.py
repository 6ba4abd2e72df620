import json
from pathlib import Path

import pandas as pd
import pytest
from support.settings import unchecked

from components.prepare_taxonomy.preparation import write_taxonomy
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.settings.known_wnids import taxonomy_files
from components.shared.settings.taxonomy import TaxonomySettings
from components.shared.storage import store

WORDS = "n1\tanimal, beast\nn2\tTiger shark\nn3\tteapot\n"
EDGES = "root n1\nn1 n2\n"


def _source(folder: Path, words: str = WORDS, edges: str = EDGES, name: str = "e.txt") -> str:
    (folder / "words.txt").write_text(words)
    (folder / name).write_text(edges)
    return str(folder)


def _write(folder: Path, words: str = WORDS, edges: str = EDGES, name: str = "e.txt") -> Path:
    uri = _source(folder, words, edges, name)
    write_taxonomy(unchecked(TaxonomySettings, uri=uri, edges=name), folder / "out")
    return folder / "out"


def test_terms_and_edges_come_back_in_the_order_of_the_source(tmp_path: Path) -> None:
    taxonomy = read_taxonomy(_write(tmp_path))
    assert taxonomy.terms == {
        "n1": ("animal", "beast"),
        "n2": ("Tiger shark",),
        "n3": ("teapot",),
    }
    assert taxonomy.edges == [("root", "n1"), ("n1", "n2")]
    assert taxonomy.hierarchy == "e.txt"
    assert taxonomy.normalised_terms() == {"animal", "beast", "tiger_shark", "teapot"}


def test_nodes_without_terms_are_kept_counted_and_named(tmp_path: Path) -> None:
    facts = json.loads((_write(tmp_path) / "taxonomy.json").read_text())
    assert facts["nodes_without_terms"] == ["root"]
    assert facts["synsets_outside_the_hierarchy"] == 1
    assert (facts["synsets"], facts["edges"]) == (3, 2)


def test_the_stage_reports_its_counts(tmp_path: Path) -> None:
    metrics = write_taxonomy(
        unchecked(TaxonomySettings, uri=_source(tmp_path), edges="e.txt"), tmp_path / "out"
    )
    assert metrics == {
        "synsets": 3,
        "edges": 2,
        "synsets_outside_the_hierarchy": 1,
        "nodes_without_terms": 1,
    }


def test_only_a_directed_source_gives_parents_and_children(tmp_path: Path) -> None:
    out = _write(tmp_path, name="wordnet.is_a.txt")
    is_a = pd.read_parquet(out / "is_a.parquet")
    assert is_a.to_dict("list") == {"parent": ["root", "n1"], "child": ["n1", "n2"]}
    undirected = tmp_path / "undirected"
    undirected.mkdir()
    assert not (_write(undirected) / "is_a.parquet").exists()


def test_words_and_edges_of_different_sources_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="have no wnid in common: check taxonomy_edges"):
        _write(tmp_path, words="x9\tcat\n")


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    _source(tmp_path)
    with pytest.raises(ValueError, match=r"other\.txt' is no file"):
        write_taxonomy(
            unchecked(TaxonomySettings, uri=str(tmp_path), edges="other.txt"), tmp_path / "out"
        )


STRUCTURE = """<ImageNetStructure><releaseData>fall2011</releaseData>
<synset wnid="fall11" words="ImageNet"><synset wnid="n00000001" words="animal, beast">
<synset wnid="n00000002" words="dog"/></synset></synset></ImageNetStructure>"""


def test_a_hierarchy_with_terms_of_its_own_needs_no_words_file(tmp_path: Path) -> None:
    (tmp_path / "structure_released.xml").write_text(STRUCTURE)
    config = unchecked(TaxonomySettings, uri=str(tmp_path), edges="structure_released.xml")
    assert taxonomy_files(config.uri, config.edges) == (f"{tmp_path}/structure_released.xml",)
    write_taxonomy(config, tmp_path / "out")
    taxonomy = read_taxonomy(tmp_path / "out")
    assert taxonomy.terms == {"n00000001": ("animal", "beast"), "n00000002": ("dog",)}
    assert taxonomy.edges == [("fall11", "n00000001"), ("n00000001", "n00000002")]
    facts = json.loads((tmp_path / "out/taxonomy.json").read_text())
    assert (facts["hierarchy"], facts["terms"]) == ("structure_released.xml",) * 2
    assert (facts["release"], facts["nodes_without_terms"]) == ("fall2011", ["fall11"])
    assert len(pd.read_parquet(tmp_path / "out/is_a.parquet")) == 2


def test_a_words_file_goes_before_the_hierarchys_own_terms(tmp_path: Path) -> None:
    (tmp_path / "structure_released.xml").write_text(STRUCTURE)
    (tmp_path / "words.txt").write_text("n00000001\tcreature\n")
    config = unchecked(TaxonomySettings, uri=str(tmp_path), edges="structure_released.xml")
    write_taxonomy(config, tmp_path / "out")
    assert read_taxonomy(tmp_path / "out").terms == {"n00000001": ("creature",)}
    facts = json.loads((tmp_path / "out/taxonomy.json").read_text())
    assert facts["nodes_without_terms"] == ["fall11", "n00000002"]
    assert "terms" not in facts


def test_a_hierarchy_is_read_from_object_storage(tmp_path: Path, s3: str) -> None:
    (tmp_path / "structure.xml").write_text(STRUCTURE)
    store.upload(tmp_path / "structure.xml", f"{s3}/structure_released.xml")
    config = unchecked(TaxonomySettings, uri=s3, edges="structure_released.xml")
    assert write_taxonomy(config, tmp_path / "out")["synsets"] == 2


@pytest.mark.real_data
def test_wordnets_database_gives_the_taxonomy_with_what_was_left_out(tmp_path: Path) -> None:
    if not Path("/usr/share/wordnet/data.noun").is_file():
        pytest.skip("Debian's package wordnet-base is not installed")
    config = unchecked(TaxonomySettings, uri="/usr/share/wordnet", edges="data.noun")
    assert write_taxonomy(config, tmp_path) == {
        "synsets": 82_115,
        "edges": 75_850,
        "synsets_outside_the_hierarchy": 7_714,
        "instance_hypernyms_left_out": 8_577,
        "nodes_without_terms": 0,
    }


@pytest.mark.real_data
@pytest.mark.parametrize("edges", ["imagenet.structure.txt", "wordnet.is_a.txt"])
def test_the_real_hierarchies_are_read(shared_data: Path, tmp_path: Path, edges: str) -> None:
    config = unchecked(TaxonomySettings, uri=str(shared_data / "taxonomy"), edges=edges)
    assert write_taxonomy(config, tmp_path)["synsets"] == 82_115
