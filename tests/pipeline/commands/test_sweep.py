"""The sweep command: a cheap sweep on this machine, and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server

from components.shared.execution import tracking
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


@pytest.mark.parametrize(
    ("given", "option"),
    [
        (["--gpus", "0"], "--gpus"),
        (["--size", "gpu"], "--size"),
        (["--no-cache"], "--no-cache"),
        (["--at-once", "2"], "--at-once"),
        (["--registry", "ghcr.io/team"], "--registry"),
    ],
)
def test_what_only_a_cluster_reads_is_refused_on_this_machine(
    file: Path, tmp_path: Path, given: list[str], option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", str(file), "--output", str(tmp_path / "out"), *given]) == 2
    assert f"error: {option} is of a sweep on a cluster: give --submit" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.fixture
def command(
    file: Path, tmp_path: Path, server: Server, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """A sweep on a cluster whose runs fail."""
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
    given += ["--set", 'corpus_uris=["https://host/text?signature=of-mine"]']
    images = ["--registry", "ghcr.io/team", "--tag", "1.0"]
    return ["sweep", str(file), "--output", str(tmp_path / "out"), "--submit", *given, *images]


def run_of_the_sweep(output: Path) -> Any:
    """MLflow's run of a sweep."""
    mark = (output / "sweep_id").read_text().strip()
    (run,) = tracking.runs_where(f"tags.sweep_id = '{mark}'")
    return run


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_trials_that_fail_on_a_cluster_are_told_and_the_exit_is_1(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert "Failed: trial 1, 2." in capsys.readouterr().err
    assert len(json.loads((tmp_path / "out" / "sweep.json").read_text())["trials"]) == 2
    run = run_of_the_sweep(tmp_path / "out")
    assert run.info.status == "FAILED"
    assert run.data.params["settings.corpus_uris"] == "['https://host/text']"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_sweep_that_breaks_off_is_killed_in_mlflow(
    command: list[str], tmp_path: Path, server: Server
) -> None:
    server.answers[f"POST {API}/runs"] = (500, {})
    assert main(command) == 2
    assert run_of_the_sweep(tmp_path / "out").info.status == "KILLED"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_trials_on_a_cluster_run_as_the_account_that_is_named(
    command: list[str], server: Server
) -> None:
    assert main([*command, "--service-account", "trainer"]) == 1
    runs = server.sent(f"POST {API}/runs")
    assert [run["service_account"] for run in runs] == ["trainer", "trainer"]
