"""A tiny experiment's model, and an MLflow of each test's own."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from support.experiment import Experiment

from components.register_model.registration import Inputs


@pytest.fixture(scope="session")
def inputs(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("evaluation")
    metrics = {"devise/seen/flat_hit_at_1": 0.5, "softmax/seen/flat_hit_at_1": 0.6}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return Inputs(experiment.taxonomy, experiment.image_index, experiment.devise_model, folder)


@pytest.fixture
def run_id(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A run on an MLflow of its own."""
    shutil.copyfile(empty_database, tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    client = mlflow.MlflowClient(uri)
    experiment = client.create_experiment("tiny", artifact_location=str(tmp_path / "artifacts"))
    yield client.create_run(experiment).info.run_id
    mlflow.end_run()
