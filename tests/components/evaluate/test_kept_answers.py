import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.dying_store import DyingStore, Killed
from support.experiment import write_experiment
from support.settings import unchecked

from components.evaluate.evaluation import Inputs, write_evaluation
from components.evaluate.kept_answers import Rankings, answered
from components.shared.ranking.rankers import Ranking
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import CheckpointStore

CONFIG = unchecked(EvaluateSettings, bootstrap_samples=100, precision="fp32")
NETWORKS = 5
"""The pretrained one, the one trained on, and three of train_devise."""


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


def dying_after(networks: int) -> Callable[[object], bool]:
    """Accepts the save of the last of so many networks."""
    saves = iter(range(1, networks + 1))
    return lambda _: next(saves) == networks


def without_weights(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("weights.*", "model.*"))
    assert len(contents_below(target)) < len(contents_below(folder))
    return target


def contents_below(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize("networks", range(1, NETWORKS + 1))
def test_killed_after_any_network_it_writes_the_same_files(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path, networks: int
) -> None:
    state = str(tmp_path / "state")
    dying = DyingStore(state, dying_after(networks))
    with pytest.raises(Killed):
        write_evaluation(CONFIG, inputs, tmp_path / "killed", checkpoints=dying)
    write_evaluation(CONFIG, inputs, tmp_path / "again", checkpoints=CheckpointStore(state))
    assert contents(tmp_path / "again") == undisturbed


def test_a_network_that_has_answered_is_not_asked_again(
    inputs: Inputs, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    state = str(tmp_path / "state")
    with pytest.raises(Killed):
        write_evaluation(
            CONFIG, inputs, tmp_path / "killed", checkpoints=DyingStore(state, dying_after(3))
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


def test_answers_come_back_as_they_were_given(tmp_path: Path) -> None:
    rankings = np.array([["n2", "n1", None], [None, None, None], ["n1", "n3", "n2"]], dtype=object)
    cosines = np.array([[0.5, 0.1, np.nan], [np.nan] * 3, [0.7, 0.6, -0.2]], dtype=np.float32)
    given: Rankings = {
        ("devise", "unseen_plus_seen"): Ranking(rankings, cosines),
        ("conse", "seen"): Ranking(rankings[:0], cosines[:0]),
    }
    store = CheckpointStore(str(tmp_path))
    assert answered(store, "some network", lambda: given) is given
    kept = answered(store, "some network", dict)
    assert list(kept) == list(given)
    for key, expected in given.items():
        assert kept[key].wnids.dtype == expected.wnids.dtype
        assert kept[key].wnids.shape == expected.wnids.shape
        assert (kept[key].wnids == expected.wnids).all()
        assert np.array_equal(kept[key].cosines, expected.cosines, equal_nan=True)
