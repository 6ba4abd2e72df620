import json
from pathlib import Path

import mlflow
import pytest
from support.experiment import write_experiment

from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.labeller import predict
from components.shared.storage.fingerprint import checksum
from pipeline.cli import main
from pipeline.results.prediction import model_folder, predict_files


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a DeViSE model in it, and two images beside the model."""
    folder = tmp_path_factory.mktemp("run")
    experiment = write_experiment(folder)
    store = ImageStore(read_index(experiment.image_index))
    for name, row in (("one.jpg", 0), ("two.jpg", 30)):
        (folder / name).write_bytes(store.read(row))
    return folder


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An MLflow of the test's own."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri


def test_a_run_and_a_model_are_found_by_their_folders(run: Path, tmp_path: Path) -> None:
    model = run / "devise_model"
    assert model_folder(str(run), tmp_path) == model
    assert model_folder(str(model), tmp_path) == model


def test_a_model_deep_in_a_folder_is_found_too(tmp_path: Path) -> None:
    model = tmp_path / "stages" / "train_devise" / "devise_model"
    model.mkdir(parents=True)
    (model / "model.safetensors").write_bytes(b"weights")
    assert model_folder(str(tmp_path), tmp_path / "scratch") == model


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


@pytest.mark.parametrize("inside", ["", "devise_model"])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(exist_ok=True)
    with pytest.raises(ValueError, match="holds no DeViSE model: give a finished run's folder"):
        model_folder(str(tmp_path), tmp_path / "scratch")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_model_is_downloaded_from_mlflow(run: Path, database: str, tmp_path: Path) -> None:
    client = mlflow.MlflowClient(database)
    experiment = client.create_experiment("tiny", artifact_location=str(tmp_path / "artifacts"))
    run_id = client.create_run(experiment).info.run_id
    client.log_artifacts(run_id, str(run / "devise_model"), "model/artifacts/devise_model")
    (tmp_path / "scratch").mkdir()
    found = model_folder(f"runs:/{run_id}/model", tmp_path / "scratch")
    assert found.is_relative_to(tmp_path / "scratch")
    weights = (run / "devise_model" / "model.safetensors").read_bytes()
    assert (found / "model.safetensors").read_bytes() == weights


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_what_mlflow_does_not_have_is_refused(database: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--model 'models:/none@champion' is not in MLflow: "):
        model_folder("models:/none@champion", tmp_path)


def test_each_file_is_followed_by_its_labels_and_cosines_the_best_first(run: Path) -> None:
    files, model = [run / "one.jpg", run / "two.jpg"], run / "devise_model"
    lines = predict_files(files, model, [], 2).text.splitlines()
    expected = []
    for file, found in zip(
        files, predict([f.read_bytes() for f in files], model, k=2), strict=True
    ):
        expected.append(str(file))
        expected += [f"  {score:6.3f}  {label}  ({wnid})" for label, wnid, score in found]
    assert lines == expected
    assert len(lines) == 6


def test_labels_of_ones_own_have_no_wnid(run: Path) -> None:
    text = predict_files([run / "one.jpg"], run / "devise_model", ["teapot", "whale shark"], 5).text
    assert sorted(line.split("  ")[-1] for line in text.splitlines()[1:]) == [
        "teapot",
        "whale shark",
    ]


def test_a_label_without_a_vector_is_refused(run: Path) -> None:
    with pytest.raises(ValueError, match="zyzzyva"):
        predict_files([run / "one.jpg"], run / "devise_model", ["zyzzyva"], 5)


def test_what_is_no_file_and_what_is_no_image_are_told_by_name_and_the_others_are_labelled(
    run: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    bad = [tmp_path / "none.jpg", tmp_path / "letter.txt"]
    model = run / "devise_model"
    told = predict_files([bad[0], run / "one.jpg", bad[1]], model, [], 5)
    assert told.text == predict_files([run / "one.jpg"], model, [], 5).text
    assert "none.jpg' is no file: check the path" in told.unread[0]
    assert "letter.txt' is no image that can be read: it is none of JPEG" in told.unread[1]


def test_what_a_terminal_would_obey_is_written_out(run: Path, tmp_path: Path) -> None:
    image = tmp_path / "\x1b[2J.jpg"
    image.write_bytes((run / "one.jpg").read_bytes())
    told = predict_files([image], run / "devise_model", ["teapot\x07"], 5)
    assert told.text.splitlines()[0] == rf"{tmp_path}/\x1b[2J.jpg"
    assert r"teapot\x07" in told.text


def test_the_command_labels_what_it_can_and_ends_with_1(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.jpg").write_text("dear")
    files = [str(tmp_path / "letter.jpg"), str(run / "one.jpg")]
    assert main(["predict", *files, "--model", str(run)]) == 1
    said = capsys.readouterr()
    assert said.out.startswith(f"{run}/one.jpg\n")
    assert "letter.jpg' is no image that can be read" in said.err
