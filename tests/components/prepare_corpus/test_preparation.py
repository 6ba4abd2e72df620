import gzip
import json
import os
import tracemalloc
from pathlib import Path

import pytest
from support.settings import unchecked
from support.web_server import serving

from components.prepare_corpus import articles, cleaning_pool
from components.prepare_corpus.preparation import write_corpus
from components.prepare_taxonomy.preparation import write_taxonomy
from components.shared.artifacts.word_vectors import read_counts
from components.shared.settings.corpus import CorpusSettings
from components.shared.settings.taxonomy import TaxonomySettings

TEXT = """The Great White Shark isn&#39;t a teapot.
Sharks: great white
sharks swim<br>here

A new car park; the car parks.
"""


@pytest.fixture
def taxonomy(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "words.txt").write_text(
        "n1\tgreat white shark, white shark\nn2\tcar-park\nn3\tgreat white\n"
    )
    (source / "edges.txt").write_text("n1 n2\n")
    write_taxonomy(
        unchecked(TaxonomySettings, uri=str(source), edges="edges.txt"), tmp_path / "taxonomy"
    )
    return tmp_path / "taxonomy"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    return folder


def _lines(config: CorpusSettings, taxonomy: Path) -> list[str]:
    write_corpus(config, taxonomy, taxonomy.parent / "corpus")
    return (taxonomy.parent / "corpus" / "corpus.txt").read_text().splitlines()


def test_a_line_is_an_article_with_its_terms_joined(taxonomy: Path, text: Path) -> None:
    assert _lines(unchecked(CorpusSettings, part=str(text)), taxonomy) == [
        "the great_white_shark isn't a teapot sharks great_white sharks swim here",
        "a new car_park the car parks",
    ]


def test_system_files_are_passed_over_and_told(
    taxonomy: Path, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = unchecked(CorpusSettings, part=str(text))
    alone = _lines(config, taxonomy)
    (text / ".DS_Store").write_bytes(b"\0\0\0\1Bud1\xff")
    (text / os.fsdecode(b"._caf\xe9")).write_bytes(b"\0")
    assert _lines(config, taxonomy) == alone
    said = r"prepare_corpus: passed over 2 that are no text: .DS_Store, ._caf\udce9"
    assert said in capsys.readouterr().out
    assert json.loads((taxonomy.parent / "corpus/corpus.json").read_text())["passed_over"] == 2


def test_a_file_whose_name_is_no_utf_8_is_read(taxonomy: Path, text: Path) -> None:
    config = unchecked(CorpusSettings, part=str(text))
    alone = _lines(config, taxonomy)
    (text / "a.txt").rename(text / os.fsdecode(b"caf\xe9.txt"))
    assert _lines(config, taxonomy) == alone


def test_a_line_can_be_a_paragraph(taxonomy: Path, text: Path) -> None:
    assert _lines(unchecked(CorpusSettings, part=str(text), unit="paragraph"), taxonomy) == [
        "the great_white_shark isn't a teapot",
        "sharks great_white",
        "sharks swim here",
        "a new car_park the car parks",
    ]


def test_a_long_article_goes_on_in_the_next_line(taxonomy: Path, text: Path) -> None:
    lines = _lines(unchecked(CorpusSettings, part=str(text), maximum_tokens=4), taxonomy)
    assert lines[:3] == [
        "the great_white_shark isn't a",
        "teapot sharks great_white sharks",
        "swim here",
    ]


def test_memory_does_not_grow_with_a_line(
    taxonomy: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("LONGEST_PIECE", "LONGEST_PAGE"):
        monkeypatch.setattr(articles, limit, 1 << 14)
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 1)
    (text / "a.txt").write_text("a great white shark " * 100_000)
    config = unchecked(CorpusSettings, part=str(text))
    tracemalloc.start()
    metrics = write_corpus(config, taxonomy, taxonomy.parent / "corpus")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A term that a cut falls into is not joined.
    assert metrics["joined_occurrences"] >= 99_800
    # Held whole, a line takes 13 times its bytes while it is cut into tokens.
    assert peak < 2_000_000


def test_counts_and_facts_agree_with_the_corpus(taxonomy: Path, text: Path) -> None:
    (text / "b.txt").write_text("...\n")
    metrics = write_corpus(
        unchecked(CorpusSettings, part=str(text)), taxonomy, taxonomy.parent / "corpus"
    )
    tokens = (taxonomy.parent / "corpus" / "corpus.txt").read_text().split()
    counts = read_counts(taxonomy.parent / "corpus" / "counts.parquet")
    facts = json.loads((taxonomy.parent / "corpus" / "corpus.json").read_text())
    assert counts == {token: tokens.count(token) for token in tokens}
    assert next(iter(counts)) == "a"
    assert facts["tokens"] == len(tokens) == metrics["tokens"]
    assert (facts["files"], facts["articles"], facts["empty_articles"]) == (2, 2, 1)
    assert (facts["joined_terms"], facts["joined_occurrences"]) == (3, 3)


DUMP = """<mediawiki>
<page><title>Shark</title><ns>0</ns>
<revision><text>A [[great white shark]].</text></revision></page>
<page><title>Hai</title><ns>0</ns><redirect title="Shark" />
<revision><text>x</text></revision></page>
<page><title>Talk:Shark</title><ns>1</ns><revision><text>x</text></revision></page>
<page><title>Box</title><ns>0</ns><revision><text>{{box}}</text></revision></page>
</mediawiki>
"""


def test_a_dump_from_the_web_becomes_a_corpus_and_says_what_it_left_out(taxonomy: Path) -> None:
    with serving(taxonomy.parent / "served") as server:
        uri = server.put("dump.xml.gz", gzip.compress(DUMP.encode()))
        config = unchecked(CorpusSettings, part=f"{uri}?signature=secret")
        metrics = write_corpus(config, taxonomy, taxonomy.parent / "corpus")
    facts = json.loads((taxonomy.parent / "corpus" / "corpus.json").read_text())
    assert (taxonomy.parent / "corpus" / "corpus.txt").read_text() == "shark a great_white_shark\n"
    assert facts["uri"] == f"{server.url}/dump.xml.gz"
    for left_out in ("redirects", "pages_of_other_namespaces", "empty_articles"):
        assert facts[left_out] == metrics[left_out] == 1
    assert facts["articles"] == 1


def test_files_are_named_by_a_pattern_in_sorted_order(taxonomy: Path, text: Path) -> None:
    (text / "c.txt").write_text("three")
    (text / "b.txt").write_text("two")
    assert _lines(unchecked(CorpusSettings, part=str(text / "[bc].txt")), taxonomy) == [
        "two",
        "three",
    ]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (unchecked(CorpusSettings, part="nowhere/*.bz2"), r"nowhere/\*\.bz2"),
    ],
)
def test_a_wrong_parameter_is_named(taxonomy: Path, config: CorpusSettings, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_corpus(config, taxonomy, taxonomy.parent / "corpus")


def test_files_without_text_are_refused(taxonomy: Path, text: Path) -> None:
    (text / "a.txt").write_text("\n--\n\n")
    with pytest.raises(ValueError, match=r"text has no text: check corpus_uris"):
        write_corpus(
            unchecked(CorpusSettings, part=str(text)), taxonomy, taxonomy.parent / "corpus"
        )


@pytest.mark.real_data
def test_real_wikipedia_text_has_joined_terms(
    shared_data: Path, taxonomy: Path, tmp_path: Path
) -> None:
    real = tmp_path / "real"
    write_taxonomy(unchecked(TaxonomySettings, uri=str(shared_data / "taxonomy")), real)
    uri = str(shared_data / "wikipedia" / "AA" / "wiki_00.bz2")
    metrics = write_corpus(unchecked(CorpusSettings, part=uri), real, tmp_path / "corpus")
    counts = read_counts(tmp_path / "corpus" / "counts.parquet")
    assert metrics["tokens"] > 100_000
    assert counts["civil_war"] > 1
    assert not any(" " in term or term != term.lower() for term in counts)
