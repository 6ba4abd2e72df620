"""What several tests of commands look at."""

import shutil
from pathlib import Path

import pytest
from support.experiment import write_experiment

from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore


@pytest.fixture(scope="session")
def model_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a DeViSE model in it, and two images beside the model."""
    folder = tmp_path_factory.mktemp("run")
    experiment = write_experiment(folder)
    store = ImageStore(read_index(experiment.image_index))
    for name, row in (("one.jpg", 0), ("two.jpg", 30)):
        (folder / name).write_bytes(store.read(row))
    return folder


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An MLflow of the test's own."""
    shutil.copyfile(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return uri
