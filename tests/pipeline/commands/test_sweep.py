"""The sweep command: a cheap sweep on this machine, and what it refuses."""

import json
from pathlib import Path

import pytest
from support.kubeflow import Server

from pipeline.cli import main

EARLY = """
settings: {taxonomy_uri: s3://b/t, images_uri: s3://b/i, corpus_uris: ["s3://b/c"]}
objective: {metric: train_devise-devise/validation_hit_at_1}
parameters: {devise_margin: [0.15, 0.2]}
"""
API = "/apis/v2beta1"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "margins.yaml"
    file.write_text(EARLY)
    return file


def test_a_wrong_file_ends_the_command_before_anything_runs(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(EARLY.replace("devise_margin", "margin"))
    assert main(["sweep", str(file), "--output", str(tmp_path / "out")]) == 2
    assert f"error: {file}: parameters.margin: There is no" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_on_a_cluster_mlflow_must_be_reached_from_here(
    file: Path, tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", str(file), "--output", str(tmp_path / "out"), "--submit"]) == 2
    assert "MLFLOW_TRACKING_URI is not set" in capsys.readouterr().err
    assert server.requests == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_trials_that_fail_on_a_cluster_are_told_and_the_exit_is_1(
    file: Path,
    tmp_path: Path,
    server: Server,
    mlflow_server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    server.answers |= {
        f"GET {API}/pipelines": {"pipelines": [{"pipeline_id": "p1"}]},
        f"GET {API}/experiments": {"experiments": [{"experiment_id": "e1"}]},
        f"POST {API}/pipelines/upload_version": {"pipeline_id": "p1", "pipeline_version_id": "v2"},
        f"POST {API}/runs": {"run_id": "none-of-mlflow"},
        f"GET {API}/runs/none-of-mlflow": {"run_id": "none-of-mlflow", "state": "FAILED"},
    }
    places = ("checkpoints_uri", "images_store_uri")
    given = [part for name in places for part in ("--set", f"{name}=s3://b/{name}")]
    images = ["--registry", "ghcr.io/team", "--tag", "1.0"]
    output = tmp_path / "out"
    command = ["sweep", str(file), "--output", str(output), "--submit", *given, *images]
    assert main(command) == 1
    assert "Failed: trial 1, 2." in capsys.readouterr().err
    assert len(json.loads((output / "sweep.json").read_text())["trials"]) == 2
