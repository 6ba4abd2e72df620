import json
from pathlib import Path

import pytest
from safetensors import safe_open

from components.shared.model_description import Figure
from pipeline.export.hub_folder import export
from pipeline.model import load_model


@pytest.fixture(scope="module")
def folder(model_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("hub") / "tiny"
    figures = [Figure("seen", "flat_hit_at_1", 0.5)]
    export(model_run / "devise_model", to, "tiny", "mit", figures, onnx=False)
    return to


def test_it_holds_what_the_hub_takes_and_what_prediction_needs_and_no_more(folder: Path) -> None:
    names = {"README.md", "config.json", "label_space", "model.safetensors"}
    assert {file.name for file in folder.iterdir()} == {*names, "preprocessor_config.json"}
    with safe_open(folder / "model.safetensors", "np") as weights:
        assert "projection.weight" in weights.keys()  # noqa: SIM118  # It is no dictionary.


def test_a_model_that_was_exported_answers_as_before(folder: Path, model_run: Path) -> None:
    images = [model_run / "one.jpg", model_run / "two.jpg"]
    exported, own = load_model(folder), load_model(model_run)
    assert exported.rank(images, candidates="all") == own.rank(images, candidates="all")
    assert exported.rank(images, ["whale shark"]) == own.rank(images, ["whale shark"])


def test_it_says_how_an_image_becomes_the_networks_input(folder: Path) -> None:
    said = json.loads((folder / "preprocessor_config.json").read_text())
    assert said["size"] == {"shortest_edge": 32}
    assert said["crop_size"] == {"height": 24, "width": 24}
    assert said["image_mean"] == [0.485, 0.456, 0.406]


def test_a_folder_that_holds_something_is_refused(model_run: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("dear")
    with pytest.raises(ValueError, match="holds something: name a new folder, or an empty one"):
        export(model_run / "devise_model", tmp_path, "tiny", "mit", [], onnx=False)
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_what_is_no_model_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(ValueError, match="is no DeViSE model"):
        export(tmp_path / "model", tmp_path / "to", "tiny", "mit", [], onnx=False)
    assert not (tmp_path / "to").exists()
