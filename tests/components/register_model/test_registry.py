import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from support.fault_proxy import Fault, faults_before

from components.register_model import registry
from components.register_model.registration import Inputs
from components.shared.execution.mlflow_client import impatient
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.labeller import read_labeller

pytestmark = [
    # MLflow's own: deprecations inside it, and advice to give type hints and an input example.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore:.*type hint.*:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*input example.*:UserWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_there_is_no_champion_where_no_model_has_that_name(run_id: str, tmp_path: Path) -> None:
    assert registry.champion("tiny", tmp_path / "scratch") is None


def test_there_is_no_champion_where_no_version_carries_the_alias(
    run_id: str, tmp_path: Path
) -> None:
    mlflow.MlflowClient().create_registered_model("tiny")
    assert registry.champion("tiny", tmp_path / "scratch") is None


def test_a_server_that_does_not_answer_is_no_missing_champion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with impatient(), pytest.raises(mlflow.exceptions.MlflowException):
        registry.champion("tiny", tmp_path / "scratch")


def test_a_champion_of_another_kind_has_no_folder(run_id: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "MLmodel").write_text("flavors: {}\n")
    client = mlflow.MlflowClient()
    client.create_registered_model("tiny")
    client.create_model_version("tiny", source=str(tmp_path / "other"))
    registry.make_champion("tiny", "1")
    assert registry.champion("tiny", tmp_path) == registry.Champion("1", None)


def test_the_champion_is_the_version_that_the_alias_was_moved_to_and_is_downloaded(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    versions = [
        registry.register_version("tiny", inputs.devise_model, run_id, {"number": number})
        for number in ("one", "two")
    ]
    assert versions == ["1", "2"]
    client = mlflow.MlflowClient()
    tags = [client.get_model_version("tiny", version).tags for version in versions]
    assert [tag["number"] for tag in tags] == ["one", "two"]
    for version in ("2", "1"):
        registry.make_champion("tiny", version)
        champion = registry.champion("tiny", tmp_path / version)
        assert champion is not None
        assert champion.version == version
        assert champion.folder is not None
        for name in ("model.safetensors", "label_space/terms.parquet"):
            assert (champion.folder / name).read_bytes() == (
                inputs.devise_model / name
            ).read_bytes()


def predicted_in_a_fresh_process(tmp_path: Path, labels: list[str]) -> list[dict[str, list[str]]]:
    """Load the champion where this project cannot be imported, predict, and ask for nonsense."""
    code = f"""
import sys, json
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
sys.path = [path for path in sys.path if not (path and "site-packages" not in path
            and __import__("os").path.isdir(path + "/components"))]
try:
    import components
    raise SystemExit("the project is importable: " + components.__file__)
except ImportError:
    pass
import mlflow, pandas
model = mlflow.pyfunc.load_model("models:/tiny@champion")
frame = pandas.DataFrame({{"image": [open({str(tmp_path / "image.jpg")!r}, "rb").read()]}})
found = [model.predict(frame, params={{"labels": given}}) for given in {labels!r}]
answers = [one.iloc[0].to_dict() for one in found]

import base64
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import invocations
image = base64.b64encode(frame["image"][0]).decode()
asked = {{"dataframe_records": [{{"image": image}}], "params": {{"labels": "zyx"}}}}
try:
    invocations(json.dumps(asked), "application/json", model, model.metadata.get_input_schema())
except MlflowException as error:
    answers.append({{"refused": [str(error.get_http_status_code()), error.message]}})
print(json.dumps(answers))
"""
    environment = {**os.environ, "PYTHONPATH": "", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_a_registered_model_predicts_where_this_project_is_not_installed(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    registry.make_champion(
        "tiny", registry.register_version("tiny", inputs.devise_model, run_id, {})
    )
    image = ImageStore(read_index(inputs.image_index)).read(0)
    (tmp_path / "image.jpg").write_bytes(image)
    (expected,) = read_labeller(inputs.devise_model).rank([image])
    trained, new, nonsense = predicted_in_a_fresh_process(tmp_path, ["", "teapot, whale shark"])
    assert trained["labels"] == [label.label for label in expected]
    assert trained["wnids"] == [label.wnid for label in expected]
    assert trained["scores"] == pytest.approx([label.cosine for label in expected], abs=1e-5)
    assert set(new["labels"]) == {"teapot", "whale shark"}
    status, sentence = nonsense["refused"]
    assert status == "400"
    assert "The label 'zyx' has no vector: give another label" in sentence


def test_a_model_is_registered_where_the_answer_that_it_is_the_run_s_was_lost(
    inputs: Inputs, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults_before(mlflow_server, Fault("lost", "/outputs", times=1)) as proxy:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", proxy.url)
        run_id = mlflow.MlflowClient().create_run("0").info.run_id
        assert registry.register_version("lost", inputs.devise_model, run_id, {}) == "1"
        assert proxy.done == ["lost"]


def test_a_version_has_an_example_that_its_model_answers(inputs: Inputs, run_id: str) -> None:
    registry.register_version("tiny", inputs.devise_model, run_id, {})
    assert mlflow.models.Model.load("models:/tiny/1").saved_input_example_info is not None
    images = list(registry.input_example()["image"])
    assert len(read_labeller(inputs.devise_model).rank(images)[0]) > 1


def test_only_safetensors_tables_and_text_are_logged(
    inputs: Inputs, run_id: str, tmp_path: Path
) -> None:
    registry.register_version("tiny", inputs.devise_model, run_id, {})
    folder = Path(mlflow.artifacts.download_artifacts("models:/tiny/1"))
    suffixes = {file.suffix for file in folder.rglob("*") if file.is_file()}
    assert not suffixes & {".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib"}


def test_prediction_is_given_the_shared_code_and_no_stage(project: Path, tmp_path: Path) -> None:
    package = registry.shared_code(tmp_path)
    assert package == tmp_path / "components"
    assert {path.name for path in package.iterdir()} == {"__init__.py", "shared"}
    copied = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    source = project / "components"
    # A list that a module reads lies beside it.
    files = [file for file in (source / "shared").rglob("*.*") if file.suffix in (".py", ".json")]
    assert copied == {Path("__init__.py"), *(path.relative_to(source) for path in files)}


def test_the_packages_asked_for_are_those_of_this_process(inputs: Inputs) -> None:
    asked = dict(line.split("==") for line in registry.requirements(inputs.devise_model))
    assert set(asked) == set(registry.NEEDED)
    assert asked["mlflow"] == mlflow.__version__


def test_a_network_of_timms_asks_for_timm_too(
    inputs: Inputs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "package_versions", lambda: {"timm": "1.0.20", "torch": "2.11"})
    assert registry.requirements(inputs.devise_model) == ["torch==2.11"]
    model = shutil.copytree(inputs.devise_model, tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    config["visual"]["architecture"] = "timm:test_resnet"
    (model / "config.json").write_text(json.dumps(config))
    assert registry.requirements(model) == ["torch==2.11", "timm==1.0.20"]


def test_the_signature_says_that_images_go_in_and_labels_come_out() -> None:
    signature = registry.signature()
    assert signature.inputs.input_names() == ["image"]
    assert signature.outputs.input_names() == ["labels", "wnids", "scores"]
    defaults = {param.name: param.default for param in signature.params}
    assert defaults == {"labels": "", "k": 5, "candidates": "seen"}
