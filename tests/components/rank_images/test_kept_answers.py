import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.dying_store import DyingStore, Killed
from support.experiment import write_experiment
from support.settings import unchecked

from components.evaluate.evaluation import Inputs, write_evaluation
from components.rank_images.kept_answers import Chunk, Rankings, answered
from components.shared.ranking.packed import Packed
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import SECONDS_VARIABLE, CheckpointStore

CONFIG = unchecked(EvaluateSettings, bootstrap_samples=100, precision="fp32")
GROUPS = 2
"""What is asked on the pretrained network's features, and what on images."""


@pytest.fixture(name="inputs", scope="module")
def inputs_of_an_experiment(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("experiment")
    return write_experiment(folder, variants={"devise_best": 3}).compared


@pytest.fixture(name="undisturbed", scope="module")
def evaluation_that_was_never_killed(
    inputs: Inputs, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    write_evaluation(CONFIG, inputs, folder)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def dying_after(saves: int) -> Callable[[object], bool]:
    """Accepts the last of so many saves."""
    numbers = iter(range(1, saves + 1))
    return lambda _: next(numbers) == saves


def without_weights(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("weights.*", "model.*"))
    assert len(contents_below(target)) < len(contents_below(folder))
    return target


def contents_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize("groups", range(1, GROUPS + 1))
def test_killed_after_any_group_of_networks_it_writes_the_same_files(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path, groups: int
) -> None:
    state = str(tmp_path / "state")
    dying = DyingStore(state, dying_after(groups))
    with pytest.raises(Killed):
        write_evaluation(CONFIG, inputs, tmp_path / "killed", checkpoints=dying)
    write_evaluation(CONFIG, inputs, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def test_networks_that_have_answered_are_not_asked_again(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        write_evaluation(
            CONFIG, inputs, tmp_path / "killed", checkpoints=DyingStore(state, dying_after(GROUPS))
        )
    devise, *others = inputs.models
    crippled = replace(
        inputs,
        visual_model=without_weights(inputs.visual_model, tmp_path / "visual"),
        continued_visual_model=without_weights(inputs.continued_visual_model, tmp_path / "on"),
        models=(without_weights(devise, tmp_path / "devise"), *others),
    )
    write_evaluation(CONFIG, crippled, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def chunk(first: int, images: int) -> Chunk:
    """Every image is asked about by one model, the even ones by another."""
    rows = np.arange(first, first + images)
    every, even = (np.stack([own, own + 1], axis=1) for own in (rows, rows[rows % 2 == 0]))
    answers = {("devise", "seen"): Packed(every, every * 10)}
    if len(even):
        answers["conse", "unseen_plus_seen"] = Packed(even, even * 10)
    return Chunk(images, answers)


def asked_from(seen: list[int]) -> Callable[[int], Iterator[Chunk]]:
    """Answers on 7 images, one after the other; notes which are asked about."""

    def ask(first: int) -> Iterator[Chunk]:
        for image in range(first, 7):
            seen.append(image)
            yield chunk(image, 1)

    return ask


def check_whole(answers: Rankings) -> None:
    whole = chunk(0, 7).answers
    assert set(answers) == set(whole)
    for key, packed in whole.items():
        assert np.array_equal(answers[key].places, packed.places)
        assert np.array_equal(answers[key].cosines, packed.cosines)


@pytest.mark.parametrize("saves", [1, 3, 7])
def test_a_killed_network_goes_on_at_the_image_it_was_saved_at(
    saves: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0")
    with pytest.raises(Killed):
        answered(DyingStore(str(tmp_path), dying_after(saves)), "networks", asked_from([]))
    asked: list[int] = []
    check_whole(answered(CheckpointStore(str(tmp_path)), "networks", asked_from(asked)))
    assert asked == list(range(saves, 7))
    again: list[int] = []
    check_whole(answered(CheckpointStore(str(tmp_path)), "networks", asked_from(again)))
    assert again == []
