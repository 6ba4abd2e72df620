import uuid

import pytest


@pytest.fixture
def server(mlflow_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of MLflow, where a pipeline run of its own reports to."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("KFP_RUN_ID", uuid.uuid4().hex)
    return mlflow_server
