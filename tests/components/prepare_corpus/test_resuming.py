import bz2
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kfp.dsl import Dataset
from support.dying_store import DyingStore, Killed
from support.settings import unchecked

from components.prepare_corpus import cleaning_pool, preparation
from components.prepare_corpus.component import prepare_corpus
from components.prepare_corpus.preparation import write_corpus
from components.prepare_corpus.resuming import CHECKPOINT
from components.prepare_taxonomy.preparation import write_taxonomy
from components.shared.settings.corpus import CorpusSettings
from components.shared.settings.taxonomy import TaxonomySettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore
from components.shared.storage.fingerprint import source_state

PAGES = 16
"""Of all files: so many times it is saved where it is saved after each."""


class DiesBetweenTextAndState(CheckpointStore):
    """Keeps the text, and dies before the state that names it."""

    def save(
        self, name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]
    ) -> None:
        if len(metadata["pieces"]) == 4:
            raise Killed
        super().save(name, tensors, metadata)


@pytest.fixture(autouse=True)
def saved_after_every_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")


@pytest.fixture(name="taxonomy")
def taxonomy_with_joined_terms(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "words.txt").write_text("n1\tgreat white shark, white shark\nn2\tcar-park\n")
    (source / "edges.txt").write_text("n1 n2\n")
    config = unchecked(TaxonomySettings, uri=str(source), edges="edges.txt")
    write_taxonomy(config, tmp_path / "taxonomy")
    return tmp_path / "taxonomy"


def page(number: int, namespace: int = 0, text: str = "") -> str:
    text = text or f"A [[great white shark]] in car-park {number}.\n\nNumber {number} swims."
    return (
        f"<page><title>Shark {number}</title><ns>{namespace}</ns>"
        f"<revision><text>{text}</text></revision></page>\n"
    )


def dump(pages: Iterator[str] | list[str]) -> bytes:
    return bz2.compress(f"<mediawiki>\n{''.join(pages)}</mediawiki>".encode())


def pages() -> list[str]:
    """Six articles, one of them without a word, and three pages that are left out."""
    articles = [page(number) for number in range(4)] + [page(4, text="---"), page(5)]
    others = [page(6, namespace=1), page(7, text="#REDIRECT [[x]]"), page(8, text="{{box}}")]
    return [others[0], *articles[:2], others[1], *articles[2:], others[2]]


@pytest.fixture(name="text")
def files_of_three_formats(tmp_path: Path) -> Path:
    folder = tmp_path / "text"
    folder.mkdir()
    (folder / "a.txt").write_text("one car park\n\n...\n\ntwo great white\nsharks\n\nthree\n")
    (folder / "b.xml.bz2").write_bytes(dump(pages()))
    docs = [f'<doc id="{n}">\nTitle {n}\nText {n}\n</doc>\n' for n in range(2)]
    (folder / "c").write_text("".join([docs[0], '<doc id="9">\n</doc>\n', docs[1]]))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture(name="config")
def config_of_the_text(text: Path) -> CorpusSettings:
    return unchecked(CorpusSettings, part=str(text), unit="paragraph", maximum_tokens=3)


@pytest.fixture(name="undisturbed")
def corpus_that_was_never_killed(
    config: CorpusSettings, taxonomy: Path, tmp_path: Path
) -> dict[str, bytes]:
    write_corpus(config, taxonomy, tmp_path / "undisturbed")
    return contents(tmp_path / "undisturbed")


@pytest.mark.parametrize("saves", range(1, PAGES + 1))
def test_killed_after_any_page_it_writes_the_same_corpus(
    config: CorpusSettings,
    taxonomy: Path,
    undisturbed: dict[str, bytes],
    tmp_path: Path,
    saves: int,
) -> None:
    state = str(tmp_path / "state")
    dying = DyingStore(state, lambda saved: len(saved["pieces"]) == saves)
    with pytest.raises(Killed):
        write_corpus(config, taxonomy, tmp_path / "killed", dying)
    write_corpus(config, taxonomy, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


@pytest.mark.parametrize("saves", [3, 9])
def test_several_processes_write_the_same_corpus_killed_or_not(
    config: CorpusSettings,
    taxonomy: Path,
    undisturbed: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    saves: int,
) -> None:
    monkeypatch.setattr(cleaning_pool, "available_cpus", lambda: 2)
    monkeypatch.setattr(cleaning_pool, "FEWEST_BATCHES", 1)
    monkeypatch.setattr(preparation, "BATCH_CHARACTERS", 80)
    state = str(tmp_path / "state")
    dying = DyingStore(state, lambda saved: len(saved["pieces"]) == saves)
    with pytest.raises(Killed):
        write_corpus(config, taxonomy, tmp_path / "killed", dying)
    write_corpus(config, taxonomy, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed
    write_corpus(config, taxonomy, tmp_path / "several")
    assert contents(tmp_path / "several") == undisturbed


def test_killed_again_and_again_it_still_comes_to_the_same_end(
    config: CorpusSettings, taxonomy: Path, undisturbed: dict[str, bytes], s3: str, tmp_path: Path
) -> None:
    for saves in (2, 3, 7, 10):
        dying = DyingStore(s3, lambda saved, n=saves: len(saved["pieces"]) == n)  # type: ignore[misc]
        with pytest.raises(Killed):
            write_corpus(config, taxonomy, tmp_path / "again", dying)
    write_corpus(config, taxonomy, tmp_path / "again", CheckpointStore(s3))
    assert contents(tmp_path / "again") == undisturbed


def test_text_that_no_state_names_yet_is_written_anew(
    config: CorpusSettings, taxonomy: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        write_corpus(config, taxonomy, tmp_path / "killed", DiesBetweenTextAndState(state))
    write_corpus(config, taxonomy, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def test_what_is_written_is_neither_cleaned_nor_counted_again(
    config: CorpusSettings,
    taxonomy: Path,
    text: Path,
    undisturbed: dict[str, bytes],
    tmp_path: Path,
) -> None:
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        write_corpus(
            config, taxonomy, tmp_path / "k", DyingStore(state, lambda s: len(s["pieces"]) == 9)
        )
    loaded = CheckpointStore(state).load(CHECKPOINT)
    assert loaded is not None
    tally = loaded[1]["tally"]
    assert (tally["files"], tally["pages_before"], tally["articles"]) == (1, 4, 6)
    (text / "a.txt").write_text("a finished file is not opened\n")
    done, left = pages()[:5], pages()[5:]
    changed = [page(99, text="done pages are passed over") for _ in done]
    (text / "b.xml.bz2").write_bytes(dump([*changed, *left]))
    write_corpus(config, taxonomy, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "changed"])
def test_where_a_piece_is_not_what_was_kept_it_begins_anew(
    config: CorpusSettings,
    taxonomy: Path,
    undisturbed: dict[str, bytes],
    tmp_path: Path,
    damage: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    write_corpus(config, taxonomy, tmp_path / "first", checkpoints)
    loaded = checkpoints.load(CHECKPOINT)
    assert loaded is not None
    piece = tmp_path / "state" / list(loaded[1]["pieces"])[2]
    text = piece.read_bytes()
    piece.unlink()
    if damage != "gone":
        piece.write_bytes({"cut": text[:-1], "empty": b"", "changed": text.upper()}[damage])
    write_corpus(config, taxonomy, tmp_path / "again", checkpoints)
    assert contents(tmp_path / "again") == undisturbed
    assert "text that was kept is gone or damaged; begins anew" in capsys.readouterr().out


def test_a_short_preparation_keeps_nothing(
    config: CorpusSettings, taxonomy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECONDS_VARIABLE)
    write_corpus(config, taxonomy, tmp_path / "corpus", CheckpointStore(str(tmp_path / "state")))
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("on_a_cluster", [True, False])
def test_its_state_outlives_it_on_a_cluster_alone(
    taxonomy: Path,
    text: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    on_a_cluster: bool,
) -> None:
    if not on_a_cluster:
        monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / "run"))
    corpus = Dataset(uri=str(tmp_path / "corpus"))
    state = tmp_path / "state"
    prepare_corpus.python_func(
        taxonomy=Dataset(uri=str(taxonomy)),
        **{"uri": str(text), "state": source_state(str(text)), "settings": {}},
        **{"checkpoints_uri": str(state), "code_version": "v1", "corpus": corpus},
    )
    assert any(file.is_file() for file in state.rglob("*")) == on_a_cluster
    assert ("checkpoints" in corpus.metadata) == on_a_cluster
