import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.experiment import QUICK, Experiment, made_experiment
from support.settings import changed, unchecked

from components.fit_baselines.gathering import gather
from components.shared.artifacts.compared import HopWeights, read_compared
from components.shared.baselines.dgp import Dgp
from components.shared.baselines.exem import Exem
from components.shared.baselines.fitted_file import read_fitted
from components.shared.settings.baselines import BaselinesSettings

CONFIG = unchecked(BaselinesSettings, **QUICK)


@pytest.fixture(name="written", scope="module")
def experiment_to_be_copied(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return made_experiment(tmp_path_factory, {"devise_l2": 1, "devise_best": 3})


@pytest.fixture
def experiment(written: Experiment, tmp_path: Path) -> Experiment:
    """An experiment whose models can be changed."""
    folder = tmp_path / "experiment"
    for model in (written.visual_model, *written.models):
        shutil.copytree(model, folder / model.name)
    devise, random, *variants = (folder / model.name for model in written.models)
    return replace(
        written,
        visual_model=folder / written.visual_model.name,
        devise_model=devise,
        random_devise_model=random,
        variant_models=tuple(variants),
    )


def mark_as_phase_1(model: Path) -> None:
    """Make the best epoch one of phase 1."""
    config = json.loads((model / "config.json").read_text())
    config["training"]["best_phase"] = 1.0
    (model / "config.json").write_text(json.dumps(config))


def test_every_model_is_there_without_what_ranking_does_not_read(
    experiment: Experiment, tmp_path: Path
) -> None:
    mark_as_phase_1(experiment.random_devise_model)
    assert gather(CONFIG, experiment.given, tmp_path / "compared") == {
        "models": 4, "baselines": 5, "baselines_left_out": 0,
    }  # fmt: skip
    compared = read_compared(tmp_path / "compared")
    assert list(compared.folders) == ["devise", "random", "devise_l2", "devise_best"]
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
    config = unchecked(BaselinesSettings, set_names=("2-hop",))
    with pytest.raises(ValueError, match="no candidate set '2-hop'"):
        gather(config, experiment.given, tmp_path / "compared")
    assert not (tmp_path / "compared").exists()


def test_baselines_are_fitted_over_each_label_space_and_the_hierarchy(
    experiment: Experiment, tmp_path: Path
) -> None:
    config = changed(CONFIG, hierarchy_beta=0.3, conse_hierarchy_beta=0.4, conse_hierarchy_top=2)
    gather(config, experiment.given, tmp_path / "compared")
    compared = read_compared(tmp_path / "compared")
    assert compared.baselines == {
        "exem": "devise", "eszsl": "devise", "dgp": "devise",
        "exem_best": "devise_best", "eszsl_best": "devise_best",
    }  # fmt: skip
    assert compared.hops == HopWeights(0.3, 0.4, 2)
    assert len(read_fitted(Exem, compared.file_of("exem_best")).supports) == 3
    assert len(read_fitted(Dgp, compared.file_of("dgp")).wnids) == 6


def test_without_vectors_of_the_labels_baselines_are_left_out_and_named(
    experiment: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in experiment.models:
        file = model / "label_space" / "labels.parquet"
        pd.read_parquet(file).assign(target_row=-1).to_parquet(file)
    config = changed(CONFIG, minimum_count=10)
    assert gather(config, experiment.given, tmp_path / "compared") == {
        "models": 4, "baselines": 0, "baselines_left_out": 5,
    }  # fmt: skip
    said = capsys.readouterr().out
    assert "exem is left out. 0 of the seen classes have a vector" in said
    assert "dgp is left out. No label has a way" in said
    assert read_compared(tmp_path / "compared").baselines == {}


def test_a_network_that_saw_zero_shot_classes_is_marked(
    experiment: Experiment, tmp_path: Path
) -> None:
    file = experiment.visual_model / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "zero_shot_contaminated": True}))
    gather(CONFIG, experiment.given, tmp_path / "compared")
    assert read_compared(tmp_path / "compared").contaminated
