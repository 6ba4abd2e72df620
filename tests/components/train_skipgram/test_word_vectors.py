import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.dying_store import DyingStore, Killed
from support.settings import changed, unchecked

from components.prepare_corpus.preparation import write_corpus
from components.prepare_taxonomy.preparation import write_taxonomy
from components.shared.artifacts.word_vectors import read_counts, read_word2vec_binary
from components.shared.settings.corpus import CorpusSettings
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.settings.taxonomy import TaxonomySettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore
from components.train_skipgram import phrases
from components.train_skipgram.word_vectors import write_word_vectors

CONFIG = unchecked(
    SkipgramSettings,
    dim=8,
    minimum_count=3,
    block_tokens=50,
    probe_terms=("Tiger shark", "unicorn"),
)
WORDS = "n1\ttiger shark, shark\nn2\tteapot\nn3\tunicorn, tiger shark\nn4\tghost\n"
TEXT = "a tiger shark and a shark swim\n" * 30 + "one teapot here\n"


@pytest.fixture
def corpora(tmp_path: Path) -> list[Path]:
    """Two parts of a corpus, beside the taxonomy."""
    (tmp_path / "words.txt").write_text(WORDS)
    (tmp_path / "edges.txt").write_text("n1 n2\n")
    write_taxonomy(
        unchecked(TaxonomySettings, uri=str(tmp_path), edges="edges.txt"), tmp_path / "taxonomy"
    )
    for part in ("one", "two"):
        (tmp_path / f"{part}.txt").write_text(TEXT if part == "one" else "sharks swim\n" * 4)
        config = unchecked(CorpusSettings, part=str(tmp_path / f"{part}.txt"))
        write_corpus(config, tmp_path / "taxonomy", tmp_path / part)
    return [tmp_path / "one", tmp_path / "two"]


def _write(corpora: list[Path], config: SkipgramSettings = CONFIG) -> dict[str, float]:
    root = corpora[0].parent
    store = CheckpointStore(str(root / "checkpoints"))
    return write_word_vectors(config, corpora, root / "taxonomy", root / "out", store)


def _facts(corpora: list[Path]) -> dict[str, Any]:
    facts = json.loads((corpora[0].parent / "out" / "skipgram.json").read_text())
    return dict(facts)


def test_vectors_are_ordered_by_count_then_term_and_labels_are_kept(corpora: list[Path]) -> None:
    _write(corpora)
    terms, vectors = read_word2vec_binary(corpora[0].parent / "out" / "vectors.bin")
    counts = read_counts(corpora[0].parent / "out" / "counts.parquet")
    assert terms == ["a", "swim", "and", "shark", "tiger_shark", "sharks", "teapot"]
    assert list(counts.items()) == [
        *(("a", 60), ("swim", 34), ("and", 30), ("shark", 30), ("tiger_shark", 30)),
        *(("sharks", 4), ("teapot", 1)),
    ]
    assert vectors.shape == (7, 8)


def test_coverage_counts_terms_first_terms_and_synsets(corpora: list[Path]) -> None:
    metrics = _write(corpora)
    assert metrics["label_coverage_terms"] == pytest.approx(3 / 5)
    assert metrics["label_coverage_first_terms"] == pytest.approx(2 / 4)
    assert metrics["label_coverage_synsets"] == pytest.approx(3 / 4)
    assert metrics["vocabulary"] == 7
    assert _facts(corpora)["label_coverage"]["synsets"] == 0.75


def test_neighbours_are_reported_and_unknown_probe_terms_named(corpora: list[Path]) -> None:
    _write(corpora)
    facts = _facts(corpora)
    assert facts["unknown_probe_terms"] == ["unicorn"]
    assert len(facts["neighbours"]["Tiger shark"]) == 6
    assert "tiger_shark" not in dict(facts["neighbours"]["Tiger shark"])


def test_what_was_left_out_is_counted(corpora: list[Path]) -> None:
    _write(corpora)
    facts = _facts(corpora)
    assert facts["tokens_without_vector"] == 2
    assert facts["corpus_tokens"] == 191


def test_only_one_worker_is_reported_as_repeatable(corpora: list[Path]) -> None:
    _write(corpora)
    assert (_facts(corpora)["workers"], _facts(corpora)["repeatable"]) == (1, True)
    _write(corpora, changed(CONFIG, workers=2))
    assert (_facts(corpora)["workers"], _facts(corpora)["repeatable"]) == (2, False)


PHRASES = changed(
    CONFIG, phrase_passes=1, phrase_threshold=0.01, phrase_minimum_count=5, subsampling=0.01
)


def test_learned_phrases_have_vectors_and_are_listed(corpora: list[Path]) -> None:
    metrics = _write(corpora, PHRASES)
    out = corpora[0].parent / "out"
    listed = pd.read_parquet(out / "phrases.parquet")
    assert listed["phrase"].tolist() == ["shark_swim"]
    assert listed["count"].tolist() == [30]
    assert metrics["phrases"] == _facts(corpora)["phrases"] == 1
    assert _facts(corpora)["corpus_tokens"] == 191 - 30
    table = pd.read_parquet(out / "vocabulary.parquet")
    terms, _ = read_word2vec_binary(out / "vectors.bin")
    assert table["term"].tolist() == terms
    kinds = dict(zip(table["term"], table["kind"], strict=True))
    assert kinds == {
        **{"a": "word", "and": "word", "shark_swim": "phrase", "tiger_shark": "label_term"},
        **{"swim": "word", "sharks": "word", "teapot": "label_term"},
    }


def test_without_passes_there_are_no_phrases(corpora: list[Path]) -> None:
    assert _write(corpora)["phrases"] == 0
    assert len(pd.read_parquet(corpora[0].parent / "out" / "phrases.parquet")) == 0


def test_label_terms_that_the_corpus_never_has_are_named(corpora: list[Path]) -> None:
    metrics = _write(corpora)
    assert _facts(corpora)["labels_not_in_corpus"] == ["ghost", "unicorn"]
    assert metrics["labels_not_in_corpus"] == 2


def test_a_killed_stage_with_phrases_goes_on_to_the_same_artifact(
    corpora: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    root = corpora[0].parent
    _write(corpora, PHRASES)
    store = str(root / "killed")
    with pytest.raises(Killed):
        write_word_vectors(
            PHRASES,
            corpora,
            root / "taxonomy",
            root / "again",
            DyingStore(store, lambda saved: saved.get("blocks") == 2),
        )
    assert CheckpointStore(store).load(phrases.CHECKPOINT) is not None
    write_word_vectors(PHRASES, corpora, root / "taxonomy", root / "again", CheckpointStore(store))
    for file in sorted((root / "out").iterdir()):
        assert (root / "again" / file.name).read_bytes() == file.read_bytes()


def test_the_joined_text_lies_in_the_temporary_folder_and_goes_with_a_stage_that_ends(
    corpora: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    root = corpora[0].parent
    joined: list[Path] = []

    def temporary(name: str) -> Path:
        (root / name).mkdir()
        monkeypatch.setenv("TMPDIR", str(root / name))
        # It remembers the first TMPDIR that it saw.
        monkeypatch.setattr(tempfile, "tempdir", None)
        return root / name

    def dies(saved: Mapping[str, Any]) -> bool:
        joined.extend(root.rglob("joined.txt"))
        return saved.get("blocks") == 2

    _write(corpora, PHRASES)
    store, first = str(root / "killed"), temporary("first")
    arguments = PHRASES, corpora, root / "taxonomy", root / "again"
    with pytest.raises(Killed):
        write_word_vectors(*arguments, DyingStore(store, dies))
    assert joined
    assert all(first in path.parents for path in joined)
    assert list(first.iterdir()) == []
    # What goes on has another volume.
    temporary("second")
    write_word_vectors(*arguments, CheckpointStore(store))
    for file in sorted((root / "out").iterdir()):
        assert (root / "again" / file.name).read_bytes() == file.read_bytes()


WIDER = changed(CONFIG, further_dims=(12,), phrase_passes=1, subsampling=0.01)


def test_vectors_of_further_dimensions_are_those_of_a_run_of_their_own(corpora: list[Path]) -> None:
    root = corpora[0].parent
    _write(corpora, changed(WIDER, dim=12, further_dims=()))
    alone = {file.name: file.read_bytes() for file in (root / "out").iterdir()}
    CheckpointStore(str(root / "checkpoints")).clear()
    shutil.rmtree(root / "out")
    metrics = _write(corpora, WIDER)
    assert {f.name: f.read_bytes() for f in (root / "out" / "dim_12").iterdir()} == alone
    assert read_word2vec_binary(root / "out" / "vectors.bin")[1].shape[1] == CONFIG.dim
    assert {"simlex_999_covered", "dim_12_simlex_999_covered"} <= metrics.keys()


def test_a_stage_killed_in_the_second_training_keeps_the_first(
    corpora: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    root = corpora[0].parent
    _write(corpora, WIDER)
    store, saves = str(root / "killed"), []

    def dies(saved: Mapping[str, Any]) -> bool:
        saves.append(saved.get("blocks"))
        return saves.count(2) == 2

    arguments = WIDER, corpora, root / "taxonomy", root / "again"
    with pytest.raises(Killed):
        write_word_vectors(*arguments, DyingStore(store, dies))
    capsys.readouterr()
    write_word_vectors(*arguments, CheckpointStore(store))
    told = re.findall(r"goes on after block (\d+)", capsys.readouterr().out)
    assert list(map(int, told)) == [max(n for n in saves if n is not None), 2]
    for file in ("vectors.bin", "dim_12/vectors.bin"):
        assert (root / "again" / file).read_bytes() == (root / "out" / file).read_bytes()


def test_nothing_but_the_artifact_is_left(corpora: list[Path]) -> None:
    before = {path.name for path in corpora[0].parent.iterdir()}
    _write(corpora, PHRASES)
    after = {path.name for path in corpora[0].parent.iterdir()}
    assert after - before == {"checkpoints", "out"}


def test_vectors_made_elsewhere_become_the_same_artifact(corpora: list[Path]) -> None:
    root = corpora[0].parent
    lines = ["Tiger_Shark 1 0", "shark 0.9 0.1", "Teapot 0 1", "ship 0 0.9", ", 1 1", "ghost 0 0"]
    (root / "glove.txt").write_text("\n".join(lines) + "\n")
    config = changed(CONFIG, dim=2, pretrained_uri=str(root / "glove.txt"))
    metrics = _write(corpora, config)
    terms, vectors = read_word2vec_binary(root / "out" / "vectors.bin")
    assert terms == ["tiger_shark", "shark", "teapot", "ship"]
    np.testing.assert_allclose(vectors, [[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.0, 0.9]])
    assert list(read_counts(root / "out" / "counts.parquet").values()) == [30, 15, 10, 7]
    assert metrics["label_coverage_terms"] == pytest.approx(3 / 5)
    facts = _facts(corpora)
    assert facts["labels_not_in_corpus"] == ["ghost", "unicorn"]
    assert facts["neighbours"]["Tiger shark"][0][0] == "shark"
    assert facts["pretrained"]["format"] == "GloVe text"
    assert facts["pretrained"]["entries_without_term"] == 1
    assert facts["pretrained"]["entries_of_zeros"] == 1


def test_the_quality_of_the_vectors_is_in_the_facts_and_the_metrics(corpora: list[Path]) -> None:
    metrics = _write(corpora)
    quality = _facts(corpora)["quality"]
    assert quality["wordsim_353"]["pairs"] == 353
    assert quality["hierarchy"]["pairs"] == 0
    assert metrics["tiger_shark_share_of_sharks"] == pytest.approx(2 / 6, abs=1e-4)
    assert metrics["simlex_999_covered"] == 0.0
