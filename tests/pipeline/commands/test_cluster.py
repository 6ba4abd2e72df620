from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main

WRITE = "pipeline.cluster.compilation.write_pipeline"
KUBEFLOW = "pipeline.cluster.client"
IMAGES = ("--registry", "ghcr.io/team", "--tag", "1.0")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked of the compiler and of Kubeflow."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(WRITE, lambda _, cluster, file: found.append((cluster, file.name)))

    def asked(*given: Any) -> str:
        found.append(given)
        return "7"

    monkeypatch.setattr(f"{KUBEFLOW}.connect", lambda *place: place)
    for name in ("submit", "schedule"):
        monkeypatch.setattr(f"{KUBEFLOW}.{name}", asked)
    return found


def test_the_pipeline_is_compiled_for_the_services_named(
    calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compile", *IMAGES, "--s3-secret", "mine", "--output", "p.yaml"]) == 0
    ((cluster, file),) = calls
    assert (cluster.tag, cluster.s3_secret, file) == ("1.0", "mine", "p.yaml")
    assert cluster.mlflow_tracking_uri == "http://mlflow:5000"
    assert "p.yaml is written" in capsys.readouterr().out


def test_a_run_is_submitted_with_what_differs_from_the_defaults(
    calls: list[tuple[Any, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--preset", "paper", "--set", "devise_margin=0.2", "--host", "http://k"]
    needed = ("taxonomy_uri", "images_uri", "images_store_uri", "corpus_uris")
    places = [part for name in needed for part in ("--set", f"{name}={tmp_path}")]
    assert main(["submit", *IMAGES, *given, *places]) == 0
    client, _, values, experiment, run_name = calls[1]
    assert (client, experiment, run_name) == (("http://k", "kubeflow"), "devise", "devise")
    assert values["settings"] == {"devise_margin": 0.2}
    assert capsys.readouterr().out == "Run 7 is started.\n"


def test_a_schedule_needs_six_fields(
    calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schedule", "--cron", "0 3 * * 0"]) == 2
    assert "error: " in capsys.readouterr().err
    assert not calls
