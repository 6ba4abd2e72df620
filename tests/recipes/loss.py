"""Run in a copy of the project in which the recipe for a loss was followed."""

import json
from pathlib import Path

from support.settings import unchecked

from components.shared.settings.devise import DeviseSettings
from components.shared.settings.parameter import choices
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.losses.registry import LOSSES
from components.train_devise.training import Inputs, write_devise_model

pytest_plugins = ("tests.components.train_devise.conftest",)


def test_every_choice_is_a_loss() -> None:
    assert set(choices(DeviseSettings.model_fields["loss"])) == set(LOSSES)


def test_it_is_chosen_and_trained_with(devise_inputs: Inputs, tmp_path: Path) -> None:
    config = unchecked(
        DeviseSettings, loss="squared_hinge", batch_size=8, phase_1_epochs=5, phase_1_views=1,
        phase_2_epochs=0, phase_1_learning_rate=0.003, precision="fp32",
    )  # fmt: skip
    store = CheckpointStore(str(tmp_path / "checkpoints"))
    write_devise_model(config, devise_inputs, tmp_path / "model", store, lambda *_: None)
    history = json.loads((tmp_path / "model" / "history.json").read_text())
    losses = [row["loss"] for row in history if "loss" in row]
    assert 0 < losses[-1] < losses[0]
