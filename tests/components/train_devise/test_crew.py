"""Both phases by way of the crew; two nodes are tests/components/pretrain_visual/test_crew.py's."""

from dataclasses import asdict
from pathlib import Path

from support.settings import changed

from components.shared.networks.devise_model import read_devise_model
from components.shared.nodes.handover import Given
from components.shared.settings.devise import DeviseSettings
from components.shared.storage.checkpoint import NOWHERE
from components.train_devise.crew import CREW, is_shared
from components.train_devise.training import Inputs

CONFIG = DeviseSettings(
    batch_size=8, phase_1_epochs=1, phase_1_views=2, phase_2_epochs=0, precision="fp32"
)


def test_the_inputs_arrive_by_their_names(devise_inputs: Inputs, tmp_path: Path) -> None:
    given = Given(CONFIG, asdict(devise_inputs), tmp_path / "model", NOWHERE)
    figures = CREW.work(given, lambda _metrics, _step: None)
    assert figures["best_phase"] == 1
    assert read_devise_model(tmp_path / "model")


def test_only_phase_2_is_shared() -> None:
    assert not is_shared(CONFIG)
    assert is_shared(changed(CONFIG, phase_2_epochs=1))
