import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from gensim.models import Word2Vec
from support.dying_store import DyingStore, Killed
from support.settings import changed, unchecked

from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore
from components.train_skipgram import training
from components.train_skipgram.blocks import Block, plan_blocks, read_block
from components.train_skipgram.states import checkpoint_of
from components.train_skipgram.training import build_model, train

CONFIG = unchecked(
    SkipgramSettings,
    dim=16,
    window=5,
    epochs=2,
    minimum_count=1,
    block_tokens=3000,
    subsampling=0.01,
    seed=7,
)
FAMILIES = (("cat", "purr", "fur"), ("car", "road", "fuel"))


@pytest.fixture(autouse=True)
def saved_after_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files of lines, each of one family's words and some that all share."""
    draw = random.Random(0)
    paths = [tmp_path_factory.mktemp("corpus") / f"{number}.txt" for number in range(2)]
    for path in paths:
        words = [[*draw.choice(FAMILIES), "the", "of"] for _ in range(100)]
        lines = [" ".join(draw.choices(choice, k=40)) for choice in words]
        path.write_text("\n".join(lines) + "\n")
    return paths


def _vocabulary(files: list[Path]) -> dict[str, int]:
    tokens = " ".join(path.read_text() for path in files).split()
    return {term: tokens.count(term) for term in sorted(set(tokens))}


def _trained(
    files: list[Path], store: CheckpointStore, config: SkipgramSettings = CONFIG
) -> Word2Vec:
    model = build_model(config, _vocabulary(files))
    train(model, config, files, store)
    return model


def test_two_trainings_with_one_seed_are_the_same_bit_by_bit(
    files: list[Path], tmp_path: Path
) -> None:
    one = _trained(files, CheckpointStore(str(tmp_path / "one")))
    other = _trained(files, CheckpointStore(str(tmp_path / "other")))
    assert one.wv.vectors.tobytes() == other.wv.vectors.tobytes()


def test_another_seed_gives_other_vectors(files: list[Path], tmp_path: Path) -> None:
    one = _trained(files, CheckpointStore(str(tmp_path / "one")))
    reseeded = changed(CONFIG, seed=8)
    other = _trained(files, CheckpointStore(str(tmp_path / "other")), reseeded)
    assert not np.allclose(one.wv.vectors, other.wv.vectors)
    drawn = _trained(files, CheckpointStore(str(tmp_path / "drawn")), changed(CONFIG, draw=1))
    assert drawn.wv.vectors.tobytes() == other.wv.vectors.tobytes()


def test_a_killed_training_goes_on_to_the_same_result_bit_by_bit(
    files: list[Path], tmp_path: Path
) -> None:
    undisturbed = _trained(files, CheckpointStore(str(tmp_path / "undisturbed")))
    with pytest.raises(Killed):
        _trained(files, DyingStore(str(tmp_path / "killed"), lambda saved: saved["blocks"] == 2))
    resumed = _trained(files, CheckpointStore(str(tmp_path / "killed")))
    assert resumed.wv.vectors.tobytes() == undisturbed.wv.vectors.tobytes()
    assert resumed.syn1.tobytes() == undisturbed.syn1.tobytes()


def test_a_training_killed_after_its_last_block_is_taken_as_it_is(
    files: list[Path], tmp_path: Path
) -> None:
    store = CheckpointStore(str(tmp_path))
    finished = _trained(files, store)
    again = _trained(files, store)
    assert again.wv.vectors.tobytes() == finished.wv.vectors.tobytes()


def test_finished_blocks_are_not_trained_on_again(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Block] = []

    def counted(paths: Sequence[Path], block: Block) -> list[str]:
        read.append(block)
        return read_block(paths, block)

    monkeypatch.setattr(training, "read_block", counted)
    with pytest.raises(Killed):
        _trained(files, DyingStore(str(tmp_path), lambda saved: saved["blocks"] == 2))
    _trained(files, CheckpointStore(str(tmp_path)))
    assert read == plan_blocks(files, CONFIG.block_tokens) * CONFIG.epochs


def test_it_is_saved_by_time_not_by_blocks(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECONDS_VARIABLE)
    _trained(files, CheckpointStore(str(tmp_path)))
    assert CheckpointStore(str(tmp_path)).load(checkpoint_of(CONFIG.dim)) is None


def test_words_of_one_context_are_nearer_than_words_of_another(
    files: list[Path], tmp_path: Path
) -> None:
    config = changed(CONFIG, learning_rate=0.1, epochs=6)
    model = _trained(files, CheckpointStore(str(tmp_path)), config)
    assert model.wv.similarity("cat", "purr") > model.wv.similarity("cat", "road") + 0.2


def test_the_learning_rate_ends_at_the_minimum(files: list[Path], tmp_path: Path) -> None:
    config = changed(CONFIG, minimum_learning_rate=0.0)
    model = _trained(files, CheckpointStore(str(tmp_path)), config)
    assert model.min_alpha == 0.0
    assert 0.0 < model.alpha < config.learning_rate / 2


def test_the_model_is_skip_gram_with_hierarchical_softmax(files: list[Path]) -> None:
    model = build_model(CONFIG, _vocabulary(files))
    assert (model.sg, model.hs, model.negative, model.window) == (1, 1, 0, 5)
    assert model.wv.index_to_key == list(_vocabulary(files))
    assert not hasattr(model, "syn1neg")


def test_a_checkpoint_of_another_vocabulary_is_refused(files: list[Path], tmp_path: Path) -> None:
    store = CheckpointStore(str(tmp_path))
    _trained(files, store)
    assert store.load(checkpoint_of(CONFIG.dim)) is not None
    with pytest.raises(ValueError, match=r"has vectors \(8, 16\), the vocabulary needs \(7, 16\)"):
        _trained_on_fewer(files, store)


def _trained_on_fewer(files: list[Path], store: CheckpointStore) -> None:
    fewer = {term: n for term, n in _vocabulary(files).items() if term != "of"}
    train(build_model(CONFIG, fewer), CONFIG, files, store)
