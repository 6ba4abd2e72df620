from pathlib import Path

import pytest

from pipeline.local.runner import stage_environment


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "run_id").write_text("an-id fingerprint\n")
    return tmp_path


def test_stages_are_given_what_opens_the_mlflow_server_where_it_is_set(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anna")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "secret")
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN", raising=False)
    given = stage_environment(output, output / "root", output)
    assert given["MLFLOW_TRACKING_URI"] == "http://mlflow"
    assert given["MLFLOW_TRACKING_USERNAME"] == "anna"
    assert given["MLFLOW_TRACKING_PASSWORD"] == "secret"
    assert "MLFLOW_TRACKING_TOKEN" not in given


def test_stages_learn_their_run_and_its_folder(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://mlflow")
    given = stage_environment(output, output / "root", output / "shared")
    assert given["KFP_RUN_ID"] == "an-id"
    assert given["DEVISE_RUN_DIR"] == str(output)
    assert given["DEVISE_STAGES_DIR"] == str(output / "shared" / "stages")
