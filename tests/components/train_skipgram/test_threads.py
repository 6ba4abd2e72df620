import random
from collections import Counter
from pathlib import Path

import pytest
from gensim.models import Word2Vec
from gensim.models.word2vec_corpusfile import train_epoch_sg
from support.dying_store import DyingStore, Killed
from support.settings import unchecked

from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore
from components.train_skipgram import threads
from components.train_skipgram.training import build_model, train

CONFIG = unchecked(
    SkipgramSettings,
    dim=16,
    window=5,
    epochs=3,
    learning_rate=0.1,
    minimum_count=1,
    subsampling=0.01,
    workers=2,
)
FAMILIES = (("cat", "purr", "fur"), ("car", "road", "fuel"))


@pytest.fixture(name="files", scope="module")
def two_files_of_two_shares(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    draw = random.Random(0)
    paths = [tmp_path_factory.mktemp("corpus") / f"{number}.txt" for number in range(2)]
    for path in paths:
        words = [[*draw.choice(FAMILIES), "the", "of"] for _ in range(300)]
        lines = [" ".join(draw.choices(choice, k=40)) for choice in words]
        path.write_text("\n".join(lines) + "\n")
    return paths


@pytest.fixture(autouse=True)
def shares_as_small_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "SHARE_TOKENS", 1)
    monkeypatch.setenv(SECONDS_VARIABLE, "0")


@pytest.fixture(name="trained_on")
def words_that_gensim_says_it_was_given(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    given: list[int] = []
    really = train_epoch_sg

    def counted(*arguments: object) -> None:
        given.append(really(*arguments)[2])

    monkeypatch.setattr(threads, "train_epoch_sg", counted)
    return given


def _untrained(files: list[Path]) -> Word2Vec:
    return build_model(CONFIG, Counter(" ".join(file.read_text() for file in files).split()))


def test_each_word_is_trained_on_once_in_each_pass(
    files: list[Path], tmp_path: Path, trained_on: list[int]
) -> None:
    model = _untrained(files)
    train(model, CONFIG, files, CheckpointStore(str(tmp_path)))
    assert sum(trained_on) == 3 * 2 * 300 * 40
    assert len(trained_on) == 3 * 2 * 2
    assert model.wv.similarity("cat", "purr") > model.wv.similarity("cat", "road") + 0.2


def test_a_killed_training_goes_on_with_the_shares_that_are_left(
    files: list[Path], tmp_path: Path, trained_on: list[int]
) -> None:
    with pytest.raises(Killed):
        train(
            _untrained(files), CONFIG, files, DyingStore(str(tmp_path), lambda s: s["blocks"] > 4)
        )
    done = len(trained_on)
    again = _untrained(files)
    train(again, CONFIG, files, CheckpointStore(str(tmp_path)))
    assert len(trained_on) == 3 * 2 * 2
    assert 4 < done < 3 * 2 * 2
    assert again.wv.similarity("cat", "purr") > again.wv.similarity("cat", "road") + 0.2


def test_within_a_share_the_rate_falls_to_the_end_of_the_share(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    # gensim lets the rate fall over so many passes, of which a share is one.
    monkeypatch.setattr(
        threads, "train_epoch_sg", lambda model, *rest: told.append((rest[3], model.epochs))
    )
    train(_untrained(files), CONFIG, files, CheckpointStore(str(tmp_path)))
    assert set(told) == {(0, 1)}


def test_the_rate_falls_to_the_minimum(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[tuple[float, float]] = []
    monkeypatch.setattr(
        threads, "train_epoch_sg", lambda model, *_: rates.append((model.alpha, model.min_alpha))
    )
    model = _untrained(files)
    train(model, CONFIG, files, CheckpointStore(str(tmp_path)))
    rates.sort(reverse=True)
    assert rates[0][0] == CONFIG.learning_rate
    assert rates[-1][1] == pytest.approx(CONFIG.minimum_learning_rate)
    assert [end for _, end in rates[:-1]] == pytest.approx([begin for begin, _ in rates[1:]])
