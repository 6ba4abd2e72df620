import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.experiment import Experiment, write_experiment
from support.settings import unchecked

from components.fit_baselines.gathering import gather
from components.shared.artifacts.compared import read_compared
from components.shared.settings.evaluate import EvaluateSettings

CONFIG = unchecked(EvaluateSettings)


@pytest.fixture
def experiment(tmp_path: Path) -> Experiment:
    return write_experiment(tmp_path / "experiment", variants={"devise_l2": 1})


def mark_as_phase_1(model: Path) -> None:
    """Make the best epoch one of phase 1."""
    config = json.loads((model / "config.json").read_text())
    config["training"]["best_phase"] = 1.0
    (model / "config.json").write_text(json.dumps(config))


def test_every_model_is_there_without_what_ranking_does_not_read(
    experiment: Experiment, tmp_path: Path
) -> None:
    mark_as_phase_1(experiment.random_devise_model)
    assert gather(CONFIG, experiment.given, tmp_path / "compared") == {"models": 3}
    compared = read_compared(tmp_path / "compared")
    assert list(compared.folders) == ["devise", "random", "devise_l2"]
    for name, own in zip(compared.folders, experiment.models, strict=True):
        files = {str(file.relative_to(own)) for file in own.rglob("*") if file.is_file()}
        copied = {
            str(file.relative_to(compared.folders[name]))
            for file in compared.folders[name].rglob("*")
            if file.is_file()
        }
        words = {"label_space/words.parquet", "label_space/words.safetensors"}
        unread = words | ({"model.safetensors"} if name == "random" else set())
        assert files - copied == unread
        assert copied <= files


def test_what_cannot_be_compared_is_not_gathered(experiment: Experiment, tmp_path: Path) -> None:
    twice = replace(experiment.given, models=(*experiment.models, experiment.models[2]))
    with pytest.raises(ValueError, match="would be called 'devise_l2'"):
        gather(CONFIG, twice, tmp_path / "compared")
    config = unchecked(EvaluateSettings, zero_shot_sets=("2-hop=somewhere",))
    with pytest.raises(ValueError, match="no candidate set '2-hop'"):
        gather(config, experiment.given, tmp_path / "compared")
    assert not (tmp_path / "compared").exists()


def test_a_network_that_saw_zero_shot_classes_is_marked(
    experiment: Experiment, tmp_path: Path
) -> None:
    file = experiment.visual_model / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "zero_shot_contaminated": True}))
    gather(CONFIG, experiment.given, tmp_path / "compared")
    assert read_compared(tmp_path / "compared").contaminated
