import json
import shutil
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import load_file, save_file
from support.experiment import WITHOUT_VECTOR
from support.settings import unchecked

from components.register_model import registry
from components.register_model.registration import Inputs, register
from components.shared.artifacts.label_space import read_label_space, targets
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index, select
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import read_devise_model
from components.shared.settings.register import RegisterSettings

CONFIG = unchecked(RegisterSettings, model_name="tiny")

pytestmark = [
    # MLflow's own: deprecations inside it, and advice to give type hints and an input example.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint.*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*input example.*:UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def copied_model(inputs: Inputs, folder: Path) -> Inputs:
    shutil.copytree(inputs.devise_model, folder)
    return Inputs(inputs.taxonomy, inputs.image_index, folder, inputs.evaluation)


def fitted_model(inputs: Inputs, folder: Path) -> Inputs:
    """A copy whose projection is fitted to the validation images: a far better model."""
    fitted = copied_model(inputs, folder)
    frame = select(read_index(inputs.image_index), split="validation", seen=True)
    frame = frame[~frame["wnid"].isin(WITHOUT_VECTOR)]
    model = read_devise_model(folder)
    view = model.config.visual.view
    images = torch.cat(list(centre_batches(ImageStore(frame), view, 64, torch.device("cpu"))))
    with torch.inference_mode():
        features = model.features(images).numpy()
    wanted = targets(read_label_space(folder / "label_space"), frame["wnid"].tolist())
    tensors = load_file(folder / "model.safetensors")
    solution = np.linalg.lstsq(features, wanted, rcond=None)[0]
    tensors["projection.weight"] = np.ascontiguousarray(solution.T.astype(np.float32))
    save_file(tensors, folder / "model.safetensors")
    return fitted


def registration(output: Path) -> dict[str, object]:
    return dict(json.loads((output / "registration.json").read_text()))


def champion_version() -> str:
    return str(mlflow.MlflowClient().get_model_version_by_alias("tiny", "champion").version)


def versions() -> list[str]:
    found = mlflow.MlflowClient().search_model_versions("name = 'tiny'")
    return sorted(str(version.version) for version in found)


def test_without_a_server_only_the_file_is_written(inputs: Inputs, tmp_path: Path) -> None:
    register(CONFIG, inputs, tmp_path / "out", None)
    written = registration(tmp_path / "out")
    assert written["version"] is None
    assert "MLFLOW_TRACKING_URI is not set" in str(written["reason"])


def test_the_first_version_is_the_champion(inputs: Inputs, run_id: str, tmp_path: Path) -> None:
    register(CONFIG, inputs, tmp_path / "out", run_id)
    assert registration(tmp_path / "out")["promoted"] is True
    assert champion_version() == "1"


def test_a_version_says_what_the_model_is_and_its_model_has_the_figures(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    register(CONFIG, inputs, tmp_path / "out", run_id)
    client = mlflow.MlflowClient()
    version = client.get_model_version("tiny", "1")
    description = str(version.description)
    assert description.startswith("# tiny version 1\n")
    assert "## Limits" in description
    model = str(version.source).removeprefix("models:/")
    measured = client.get_logged_model(model).metrics or []
    score = registration(tmp_path / "out")["score"]
    assert {metric.key: metric.value for metric in measured}["validation_flat_hit_at_1"] == score


def test_an_equal_model_is_not_registered_again_and_the_champion_stays(
    inputs: Inputs, run_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register(CONFIG, inputs, tmp_path / "1", run_id)
    assert register(CONFIG, inputs, tmp_path / "2", run_id) == {}
    written = registration(tmp_path / "2")
    assert (written["version"], written["promoted"]) == ("1", False)
    assert "Nothing new: version 1 is this very model" in str(written["reason"])
    assert "Nothing new" in capsys.readouterr().out
    assert versions() == ["1"]
    assert champion_version() == "1"


def test_a_model_equal_to_any_earlier_version_is_not_registered_again(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    register(CONFIG, inputs, tmp_path / "1", run_id)
    register(CONFIG, fitted_model(inputs, tmp_path / "model"), tmp_path / "2", run_id)
    assert champion_version() == "2"
    register(CONFIG, inputs, tmp_path / "3", run_id)
    assert registration(tmp_path / "3")["version"] == "1"
    assert versions() == ["1", "2"]
    assert champion_version() == "2"


def test_a_champion_without_a_checksum_is_known_by_its_files(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    registry.register_version("tiny", inputs.devise_model, run_id, {})
    registry.make_champion("tiny", "1")
    register(CONFIG, inputs, tmp_path / "1", run_id)
    assert registration(tmp_path / "1")["version"] == "1"
    assert versions() == ["1"]


def test_a_champion_that_is_not_as_it_was_registered_is_not_compared(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    registry.register_version("tiny", inputs.devise_model, run_id, {})
    registry.mark_registered("tiny", "1", "0" * 32)
    registry.make_champion("tiny", "1")
    register(CONFIG, fitted_model(inputs, tmp_path / "model"), tmp_path / "2", run_id)
    assert "Champion version 1 is damaged in MLflow's store" in str(
        registration(tmp_path / "2")["reason"]
    )
    assert champion_version() == "1"


def test_another_model_that_is_no_better_is_registered_but_does_not_take_over(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    register(CONFIG, inputs, tmp_path / "1", run_id)
    other = copied_model(inputs, tmp_path / "model")
    (other.devise_model / "note.txt").write_text("other bytes, equal figures")
    figures = register(CONFIG, other, tmp_path / "2", run_id)
    assert (figures["gain"], figures["promoted"]) == (0.0, 0.0)
    assert "stays champion" in str(registration(tmp_path / "2")["reason"])
    assert versions() == ["1", "2"]
    assert champion_version() == "1"


@pytest.mark.parametrize(("more", "promoted"), [(0.0, False), (-0.001, True), (0.001, False)])
def test_a_better_model_takes_over_only_above_the_gain_that_is_asked_for(
    inputs: Inputs, run_id: str, tmp_path: Path, more: float, promoted: bool
) -> None:
    register(CONFIG, inputs, tmp_path / "1", run_id)
    better = fitted_model(inputs, tmp_path / "model")
    gain = register(CONFIG, better, tmp_path / "probe", None)["validation_flat_hit_at_1"]
    gain -= register(CONFIG, inputs, tmp_path / "probe", None)["validation_flat_hit_at_1"]
    assert gain > 0.01
    asked = unchecked(RegisterSettings, model_name="tiny", minimum_gain=gain + more)
    figures = register(asked, better, tmp_path / "2", run_id)
    assert figures["promoted"] == promoted
    assert champion_version() == ("2" if promoted else "1")


def test_a_worse_model_is_registered_with_both_figures_but_is_no_champion(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    register(CONFIG, fitted_model(inputs, tmp_path / "model"), tmp_path / "1", run_id)
    figures = register(CONFIG, inputs, tmp_path / "2", run_id)
    assert figures["gain"] < 0
    assert champion_version() == "1"
    tags = mlflow.MlflowClient().get_model_version("tiny", "2").tags
    assert float(tags["validation_flat_hit_at_1"]) == pytest.approx(
        figures["validation_flat_hit_at_1"], abs=1e-6
    )
    assert float(tags["champion_validation_flat_hit_at_1"]) == pytest.approx(
        figures["champion_validation_flat_hit_at_1"], abs=1e-6
    )
    assert tags["champion_version"] == "1"
    assert tags["test/seen/flat_hit_at_1"] == "0.500000"


def test_a_champion_of_other_labels_is_not_compared(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    other = copied_model(inputs, tmp_path / "model")
    file = other.devise_model / "label_space" / "candidates.parquet"
    candidates = pd.read_parquet(file)
    candidates[candidates["wnid"] != "n00000001"].to_parquet(file, index=False)
    assert registry.register_version("tiny", other.devise_model, run_id, {}) == "1"
    registry.make_champion("tiny", "1")
    figures = register(CONFIG, inputs, tmp_path / "out", run_id)
    written = registration(tmp_path / "out")
    assert "gain" not in figures
    assert "trained on another label set (3 labels, 3 of them among the 4" in str(written["reason"])
    assert "move the alias by hand" in str(written["reason"])
    assert (written["version"], champion_version()) == ("2", "1")


def test_a_real_server_takes_the_version_too(
    inputs: Inputs, mlflow_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    client = mlflow.MlflowClient(mlflow_server)
    run = client.create_run(client.create_experiment("registration")).info.run_id
    register(CONFIG, inputs, tmp_path / "1", run)
    assert champion_version() == "1"
    register(CONFIG, inputs, tmp_path / "2", run)
    assert "Nothing new" in str(registration(tmp_path / "2")["reason"])
    assert versions() == ["1"]
