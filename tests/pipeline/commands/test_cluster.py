"""The commands for a cluster, against a real HTTP server in Kubeflow's place."""

from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server

from pipeline.cli import main
from pipeline.cluster.compilation import read_pipeline

API = "/apis/v2beta1"
PLACES = ("taxonomy_uri", "images_uri", "images_store_uri", "corpus_uris", "checkpoints_uri")
GIVEN = [part for name in PLACES for part in ("--set", f"{name}=s3://b/{name}")]
IMAGES = ["--registry", "ghcr.io/team", "--tag", "1.0"]
RUN = {"run_id": "r1", "state": "SUCCEEDED", "created_at": "2026-01-01T00:00:00Z",
       "finished_at": "2026-01-01T00:01:00Z"}  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def kubeflow(server: Server) -> Server:
    specification: dict[str, Any] = {"root": {"dag": {"tasks": {}}}, "components": {}}
    server.answers |= {
        f"GET {API}/pipelines": {"pipelines": [{"pipeline_id": "p1"}]},
        f"GET {API}/experiments": {"experiments": [{"experiment_id": "e1"}]},
        f"POST {API}/pipelines/upload_version": {"pipeline_id": "p1", "pipeline_version_id": "v2"},
        f"POST {API}/runs": {"run_id": "r1"},
        f"GET {API}/runs/r1": {**RUN, "pipeline_spec": specification},
        f"GET {API}/recurringruns": {},
        f"POST {API}/recurringruns": {"recurring_run_id": "s1", "display_name": "devise-night"},
    }
    return server


def requests(server: Server) -> set[str]:
    return {f"{method} {path.split('?')[0]}" for method, path, _, _ in server.requests}


def test_the_pipeline_is_compiled_for_the_services_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "p.yaml"
    assert main(["compile", *IMAGES, "--s3-secret", "mine", "--output", str(file)]) == 0
    _, platform = read_pipeline(file)
    executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values()
    assert {one["secretAsEnv"][0]["secretName"] for one in executors} == {"mine"}
    assert "ghcr.io/team/devise-evaluate:1.0" in file.read_text()
    assert f"{file} is written" in capsys.readouterr().out


def test_a_run_is_submitted_with_what_differs_from_the_preset(
    kubeflow: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--preset", "paper", "--set", "devise_margin=0.2", "--run-name", "night run"]
    assert main(["submit", *given, *GIVEN, *IMAGES]) == 0
    (run,) = kubeflow.sent(f"POST {API}/runs")
    parameters = run["runtime_config"]["parameters"]
    assert parameters["settings"] == {"devise_margin": 0.2}
    assert parameters["taxonomy_uri"] == "s3://b/taxonomy_uri"
    assert run["display_name"] == "night run"
    page = f"{kubeflow.address}/#/runs/details/r1"
    assert capsys.readouterr().out == f"Run r1 is started: {page}\n"


@pytest.mark.parametrize(("state", "code"), [("SUCCEEDED", 0), ("FAILED", 1)])
def test_a_run_that_is_waited_for_ends_the_command_as_it_ends(
    kubeflow: Server, state: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    kubeflow.answers[f"GET {API}/runs/r1"]["state"] = state
    assert main(["submit", "--wait", *GIVEN, *IMAGES]) == code
    assert f"1:00  {state}\n" in capsys.readouterr().out


def test_ctrl_c_ends_the_waiting_and_says_how_to_look_again(
    kubeflow: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    kubeflow.answers[f"GET {API}/runs/r1"]["state"] = "RUNNING"
    monkeypatch.setattr("time.sleep", interrupt)
    assert main(["submit", "--wait", *GIVEN, *IMAGES, "--host", kubeflow.address]) == 130
    assert capsys.readouterr().out.endswith(
        "The run goes on. Look again: python pipeline.py status r1 "
        f"--host {kubeflow.address} --namespace kubeflow --wait\n"
    )


@pytest.mark.parametrize("command", [["submit"], ["schedule", "--cron", "0 0 3 * * 0"]])
def test_a_path_of_this_machine_is_refused_before_anything_is_sent(
    kubeflow: Server, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, *GIVEN, "--set", "images_uri=data/images", *IMAGES]) == 2
    assert "images_uri is 'data/images', a path of this machine" in capsys.readouterr().err
    assert kubeflow.requests == []


def test_local_data_are_uploaded_and_named_where_they_are_then(
    kubeflow: Server, s3: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("tigers\n")
    given = [*GIVEN, "--set", f"corpus_uris={tmp_path}/text.txt"]
    assert main(["submit", "--upload-data", s3, *given, *IMAGES]) == 0
    (run,) = kubeflow.sent(f"POST {API}/runs")
    assert run["runtime_config"]["parameters"]["corpus_uris"] == [f"{s3}/text.txt"]
    assert "1 of 1 files to upload" in capsys.readouterr().out


def test_a_dry_run_shows_what_would_run_and_sends_nothing(
    kubeflow: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert main(["submit", "--dry-run", *GIVEN, *IMAGES]) == 0
    shown = capsys.readouterr().out
    assert "ghcr.io/team/devise-evaluate:1.0" in shown
    assert "Nodes cannot be looked at: there is no kubeconfig here." in shown
    assert shown.endswith("Nothing was sent.\n")
    assert kubeflow.requests == []


def test_a_dry_run_that_finds_a_problem_ends_with_1(
    kubeflow: Server, s3: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["submit", "--dry-run", *GIVEN, *IMAGES]) == 1
    assert "Problem: taxonomy_uri: " in capsys.readouterr().out


def test_a_schedule_has_every_value_and_its_own_name(
    kubeflow: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--cron", "0 0 3 * * 0", "--name", "night", "--preset", "paper"]
    assert main(["schedule", *given, *GIVEN, *IMAGES]) == 0
    (sent,) = kubeflow.sent(f"POST {API}/recurringruns")
    parameters: dict[str, Any] = sent["runtime_config"]["parameters"]
    assert sent["display_name"] == "devise-night"
    assert parameters["run_name"] == "night"
    assert parameters["settings"]["devise_margin"] == 0.1
    out = capsys.readouterr().out
    assert out == "Schedule night (s1) runs the pipeline devise-night.\n"


def test_an_update_prints_what_it_changes(
    kubeflow: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"devise_margin": 0.1, "devise_loss": "hinge_rank"}
    old = {"runtime_config": {"parameters": {"settings": settings}}, "recurring_run_id": "s0",
           "status": "ENABLED"}  # fmt: skip
    kubeflow.answers |= {
        f"GET {API}/recurringruns": {"recurringRuns": [{**old, "display_name": "devise-paper"}]},
        f"GET {API}/runs": {},
        f"DELETE {API}/recurringruns/s0": {},
        f"POST {API}/recurringruns/s1:enable": {},
        f"POST {API}/recurringruns": {
            "recurring_run_id": "s1", "display_name": "devise-paper",
            "runtime_config": {"parameters": {"settings": {**settings, "devise_margin": 0.2}}},
        },
    }  # fmt: skip
    given = ["--cron", "0 0 3 * * 0", "--preset", "paper", "--update"]
    assert main(["schedule", *given, *GIVEN, *IMAGES]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "devise_margin: 0.1 -> 0.2"
    assert f"DELETE {API}/recurringruns/s0" in requests(kubeflow)


def test_a_schedule_needs_six_fields(kubeflow: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schedule", "--cron", "0 3 * * 0"]) == 2
    assert "error: --cron '0 3 * * 0' has 5 fields" in capsys.readouterr().err
    assert kubeflow.requests == []


@pytest.mark.parametrize(
    ("command", "request_"),
    [
        (["submit"], f"POST {API}/runs"),
        (["schedule", "--cron", "0 0 3 * * 0"], f"POST {API}/recurringruns"),
    ],
)
def test_the_pods_run_as_the_account_that_is_named(
    kubeflow: Server, command: list[str], request_: str
) -> None:
    assert main([*command, *GIVEN, *IMAGES, "--service-account", "trainer"]) == 0
    (sent,) = kubeflow.sent(request_)
    assert sent["service_account"] == "trainer"
