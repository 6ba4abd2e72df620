from pathlib import Path

import pytest
from support.settings import unchecked

from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.joined_corpus import join_phrases, phrase_table
from components.train_skipgram.phrases import BETWEEN, PhrasePass

LINES = "the new york bus\nnew york and tiger_shark\nnew york\n"
COUNTS = {"new": 3, "york": 3, "bus": 1, "the": 1, "and": 1, "tiger_shark": 1}


def test_without_passes_the_corpus_is_taken_as_it_is(tmp_path: Path) -> None:
    files = [tmp_path / "never read"]
    text = join_phrases(SkipgramSettings(), files, COUNTS, tmp_path, CheckpointStore(str(tmp_path)))
    assert (text.files, text.counts, text.passes) == (files, COUNTS, ())
    assert list(tmp_path.iterdir()) == []


def test_the_joined_text_is_written_and_counted_anew(tmp_path: Path) -> None:
    for part in ("a", "b"):
        (tmp_path / part).write_text(LINES)
    config = unchecked(
        SkipgramSettings, phrase_passes=1, phrase_threshold=0.1, phrase_minimum_count=2
    )
    counts = {term: 2 * n for term, n in COUNTS.items()}
    files = [tmp_path / "a", tmp_path / "b"]
    store = CheckpointStore(str(tmp_path / "c"))
    text = join_phrases(config, files, counts, tmp_path, store)
    joined = "the new_york bus\nnew_york and tiger_shark\nnew_york\n" * 2
    assert "".join(path.read_text() for path in text.files) == joined
    assert text.counts == {"the": 2, "new_york": 6, "bus": 2, "and": 2, "tiger_shark": 2}


def test_the_table_of_phrases_has_the_best_first() -> None:
    passes = [
        PhrasePass({f"new{BETWEEN}york": 12.5, f"b{BETWEEN}of{BETWEEN}c": 3.0}, {
            f"new{BETWEEN}york": 70, f"b{BETWEEN}of{BETWEEN}c": 60}),
        PhrasePass({f"new_york{BETWEEN}bus": 20.0}, {f"new_york{BETWEEN}bus": 55}),
    ]  # fmt: skip
    table = phrase_table(passes)
    assert list(table.itertuples(index=False, name=None)) == [
        ("new_york_bus", 20.0, 55),
        ("new_york", 12.5, 70),
        ("b_of_c", 3.0, 60),
    ]


@pytest.mark.parametrize("passes", [[], [PhrasePass({}, {})]])
def test_the_table_without_phrases_has_its_columns(passes: list[PhrasePass]) -> None:
    table = phrase_table(passes)
    assert list(table.columns) == ["phrase", "score", "count"]
    assert len(table) == 0
