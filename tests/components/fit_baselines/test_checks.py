import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from support.experiment import UNSEEN, Experiment, made_experiment

from components.fit_baselines.checks import check_images, check_models, names_of
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.networks.devise_model import PHASE_1_FILE


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return made_experiment(tmp_path_factory, {"devise_l2": 1})


@pytest.fixture
def space(experiment: Experiment) -> LabelSpace:
    return read_label_space(experiment.label_space)


@pytest.fixture
def models(experiment: Experiment) -> dict[str, Path]:
    return dict(zip(names_of(experiment.models), experiment.models, strict=True))


@pytest.fixture
def without_images(experiment: Experiment, tmp_path: Path) -> Callable[[list[str]], Path]:
    def write(wnids: list[str]) -> Path:
        index = pd.read_parquet(experiment.image_index / "index.parquet")
        # Of other classes as many held-out images.
        index.loc[index["wnid"].isin(wnids), "wnid"] = "n00000001"
        folder = tmp_path / "index"
        folder.mkdir()
        index.to_parquet(folder / "index.parquet")
        return folder

    return write


def test_models_are_named_as_their_folders_say(experiment: Experiment) -> None:
    assert names_of(experiment.models) == ["devise", "random", "devise_l2"]


def test_two_models_of_one_name_are_refused(experiment: Experiment) -> None:
    with pytest.raises(ValueError, match="would be called 'devise_l2'"):
        names_of([*experiment.models, experiment.models[2]])


def test_a_folder_that_is_no_devise_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is no DeViSE model: config\.json is missing"):
        names_of([tmp_path])


def test_a_set_that_the_label_space_lacks_is_refused(
    experiment: Experiment, space: LabelSpace
) -> None:
    with pytest.raises(ValueError, match="no candidate set '2-hop'"):
        check_images(space, experiment.image_index, experiment.features, ["2-hop"])


def test_a_set_without_images_is_refused(
    experiment: Experiment, space: LabelSpace, without_images: Callable[[list[str]], Path]
) -> None:
    with pytest.raises(ValueError, match="No image shows a label of 'unseen'"):
        check_images(space, without_images(UNSEEN), experiment.features, ["unseen"])


def test_features_of_another_index_are_refused(
    experiment: Experiment, space: LabelSpace, tmp_path: Path
) -> None:
    index = pd.read_parquet(experiment.image_index / "index.parquet")
    index[1:].to_parquet(tmp_path / "index.parquet")
    with pytest.raises(ValueError, match="the index has 7"):
        check_images(space, tmp_path, experiment.features, ["unseen"])


def test_models_of_one_visual_model_can_be_compared(
    experiment: Experiment, models: dict[str, Path], space: LabelSpace
) -> None:
    check_images(space, experiment.image_index, experiment.features, ["unseen"])
    check_models(experiment.visual_model, experiment.continued_visual_model, models)


def test_a_projection_of_another_visual_model_is_refused(
    experiment: Experiment, models: dict[str, Path], tmp_path: Path
) -> None:
    other = Path(shutil.copytree(models["devise"], tmp_path / "devise"))
    save_file({"projection.weight": np.zeros((6, 7), "f4")}, other / PHASE_1_FILE)
    folders = experiment.visual_model, experiment.continued_visual_model
    with pytest.raises(ValueError, match="Phase 1 of devise takes 7 features"):
        check_models(*folders, {**models, "devise": other})


def test_models_of_other_crops_are_refused(
    experiment: Experiment, models: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(experiment.continued_visual_model, tmp_path / "continued")
    file = tmp_path / "continued" / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "resize": 28}))
    with pytest.raises(ValueError, match="take images in different sizes or crops"):
        check_models(experiment.visual_model, tmp_path / "continued", models)
