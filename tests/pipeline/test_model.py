import gc
import json
import tempfile
from pathlib import Path

import mlflow
import pytest

from components.shared.storage.fingerprint import checksum
from pipeline.model import load_model, model_folder


def test_a_run_and_a_model_are_found_by_their_folders(model_run: Path, tmp_path: Path) -> None:
    model = model_run / "devise_model"
    assert model_folder(str(model_run), tmp_path) == model
    assert model_folder(str(model), tmp_path) == model


def test_of_several_runs_none_is_chosen_and_those_with_a_model_are_named(tmp_path: Path) -> None:
    for place in ("stages/train_devise/3c07", "fold_1", "fold_0", "."):
        (tmp_path / place / "devise_model").mkdir(parents=True)
    for place in ("stages/train_devise/3c07", "fold_1", "fold_0"):
        (tmp_path / place / "devise_model" / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ValueError, match=r"give the folder in it of one run: fold_0, fold_1\.$"):
        model_folder(str(tmp_path), tmp_path / "scratch")


def test_a_stage_of_an_unfinished_run_is_not_taken_for_its_model(tmp_path: Path) -> None:
    model = tmp_path / "stages" / "train_devise" / "3c07" / "devise_model"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(ValueError, match="holds no DeViSE model: give a finished run's folder"):
        model_folder(str(tmp_path), tmp_path / "scratch")


@pytest.mark.parametrize("inside", ["", "devise_model"])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(exist_ok=True)
    with pytest.raises(ValueError, match="holds no DeViSE model: give a finished run's folder"):
        load_model(tmp_path)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_model_is_loaded_from_mlflow_and_its_copy_goes_with_it(
    model_run: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = mlflow.MlflowClient(database)
    experiment = client.create_experiment("tiny", artifact_location=str(tmp_path / "artifacts"))
    run_id = client.create_run(experiment).info.run_id
    folder = str(model_run / "devise_model")
    client.log_artifacts(run_id, folder, "model/artifacts/devise_model")
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    model = load_model(f"runs:/{run_id}/model")
    image = model_run / "one.jpg"
    assert model.rank([image], ["teapot", "crane"]) == load_model(model_run).rank(
        [image], ["teapot", "crane"]
    )
    assert list((tmp_path / "scratch").iterdir())
    del model
    gc.collect()
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.usefixtures("database")
def test_what_mlflow_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="The model 'models:/none@champion' is not in MLflow: "):
        load_model("models:/none@champion")


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A run's folder with a model in it, and the record of the run beside."""
    model = tmp_path / "run" / "devise_model"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    outputs = {"devise_model": checksum(model)}
    tasks = [
        {"task": "open_run", "outputs": {}},
        {"task": "train_devise-devise", "outputs": outputs},
    ]
    (model.parent / "run.json").write_text(json.dumps({"tasks": tasks}))
    return model


def test_a_model_that_is_as_its_run_left_it_is_taken(recorded: Path, tmp_path: Path) -> None:
    (recorded / ".DS_Store").write_bytes(b"looked at")
    assert model_folder(str(recorded), tmp_path) == recorded
    assert model_folder(str(recorded.parent), tmp_path) == recorded


def test_a_model_that_was_changed_since_its_run_is_refused_by_its_folder(
    recorded: Path, tmp_path: Path
) -> None:
    (recorded / "model.safetensors").write_bytes(b"Weights")
    with pytest.raises(ValueError, match=r"run/devise_model' is damaged .*: give the run's com"):
        model_folder(str(recorded.parent), tmp_path)
    recorded.rename(tmp_path / "devise_model")
    assert model_folder(str(tmp_path / "devise_model"), tmp_path) == tmp_path / "devise_model"


@pytest.mark.parametrize("record", ["", "{", "[]", '{"tasks": []}', '{"tasks": [1]}'])
def test_a_model_whose_runs_record_is_damaged_is_refused(
    recorded: Path, tmp_path: Path, record: str
) -> None:
    (recorded.parent / "run.json").write_text(record)
    with pytest.raises(ValueError, match=r"run/run\.json' is damaged, so that nothing tells"):
        model_folder(str(recorded), tmp_path)
