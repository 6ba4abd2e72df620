import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.dying_store import DyingStore, Killed
from support.experiment import QUICK, made_experiment
from support.settings import unchecked

from components.fit_baselines.gathering import gather
from components.rank_images.kept_answers import Chunk, Rankings, keep_answers
from components.rank_images.ranking import Inputs, rank_part
from components.shared.ranking.packed import Packed, joined
from components.shared.settings.baselines import BaselinesSettings
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore

CONFIG = unchecked(EvaluateSettings, bootstrap_samples=100, precision="fp32")
PART = range(4, 11)
GROUPS = 2
"""What is asked on the pretrained network's features, and what on images."""


@pytest.fixture(name="inputs", scope="module")
def inputs_of_an_experiment(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("gathered")
    experiment = made_experiment(tmp_path_factory, {"devise_best": 3})
    gather(unchecked(BaselinesSettings, **QUICK), experiment.given, folder / "compared")
    visual = experiment.visual_model, experiment.continued_visual_model
    return Inputs(experiment.image_index, *visual, experiment.features, folder / "compared")


@pytest.fixture(name="undisturbed", scope="module")
def answers_of_a_stage_that_was_never_killed(
    inputs: Inputs, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    rank_part(CONFIG, inputs, folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in files_below(folder)}


def dying_after(saves: int) -> Callable[[object], bool]:
    """Accepts the last of so many saves."""
    numbers = iter(range(1, saves + 1))
    return lambda _: next(numbers) == saves


def without_weights(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("weights.*", "model.*"))
    assert len(files_below(target)) < len(files_below(folder))
    return target


def files_below(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("groups", range(1, GROUPS + 1))
def test_killed_after_any_group_of_networks_it_writes_the_same_files(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path, groups: int
) -> None:
    state = str(tmp_path / "state")
    dying = DyingStore(state, dying_after(groups))
    with pytest.raises(Killed):
        rank_part(CONFIG, inputs, tmp_path / "killed", dying)
    rank_part(CONFIG, inputs, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def test_networks_that_have_answered_are_not_asked_again(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        rank_part(CONFIG, inputs, tmp_path / "killed", DyingStore(state, dying_after(GROUPS)))
    crippled = replace(
        inputs,
        visual_model=without_weights(inputs.visual_model, tmp_path / "visual"),
        continued_visual_model=without_weights(inputs.continued_visual_model, tmp_path / "on"),
        compared=without_weights(inputs.compared, tmp_path / "compared"),
    )
    rank_part(CONFIG, crippled, tmp_path / "again", CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def chunk(first: int, images: int) -> Chunk:
    """Every image is asked about by one model, the even ones by another."""
    rows = np.arange(first, first + images)
    every, even = (np.stack([own, own + 1], axis=1) for own in (rows, rows[rows % 2 == 0]))
    answers = {("devise", "seen"): Packed(every, every * 10, every / np.float32(3))}
    if len(even):
        answers["conse", "unseen_plus_seen"] = Packed(even, even * 10)
    return Chunk(images, answers)


def asked(store: CheckpointStore) -> list[int]:
    """Have seven images of a part answered, one after the other; which had to be asked about."""
    seen: list[int] = []
    pieces: list[Rankings] = []

    def ask(first: int) -> Iterator[Chunk]:
        for image in range(first, PART.stop):
            seen.append(image)
            yield chunk(image, 1)

    keep_answers(store, "networks", PART, ask, pieces.append)
    for key, packed in chunk(PART.start, len(PART)).answers.items():
        found = joined([piece[key] for piece in pieces if key in piece])
        assert np.array_equal(found.places, packed.places)
        assert np.array_equal(found.cosines, packed.cosines)
        assert (found.scores is None) == (packed.scores is None)
        if found.scores is not None and packed.scores is not None:
            assert np.array_equal(found.scores, packed.scores)
    return seen


@pytest.mark.parametrize("saves", [1, 3, 7])
def test_a_killed_network_goes_on_at_the_image_it_was_saved_at(
    saves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    with pytest.raises(Killed):
        asked(DyingStore(str(tmp_path), dying_after(saves)))
    assert asked(CheckpointStore(str(tmp_path))) == [*PART][saves:]
    assert asked(CheckpointStore(str(tmp_path))) == []


def test_answers_are_kept_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(chunk(image, 1).size for image in [*PART][:3])
    monkeypatch.setattr("components.rank_images.kept_answers.MOST_BYTES", size)
    with pytest.raises(Killed):
        asked(DyingStore(str(tmp_path), dying_after(1)))
    assert asked(CheckpointStore(str(tmp_path))) == [*PART][3:]


def test_what_follows_damaged_state_is_asked_about_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    asked(CheckpointStore(str(tmp_path)))
    (tmp_path / "answers_of_networks_2.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv(SECONDS_VARIABLE, "1000")
    # It is kept in one piece now, after which the older ones no longer fit.
    assert asked(CheckpointStore(str(tmp_path))) == [*PART][2:]
    assert asked(CheckpointStore(str(tmp_path))) == []
