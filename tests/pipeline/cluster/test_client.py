"""Requests to Kubeflow Pipelines, against a real HTTP server that keeps what it is sent."""

from pathlib import Path

import pytest
from support.kubeflow import Server

from pipeline.cluster.client import Wanted, submit, upload
from pipeline.cluster.connection import Kubeflow

API = "/apis/v2beta1"
WANTED = Wanted("night run", {"devise_margin": 0.2}, "devise")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def file(tmp_path: Path, server: Server) -> Path:
    server.answers |= {
        f"GET {API}/pipelines": {"pipelines": [{"pipeline_id": "p1", "display_name": "devise"}]},
        f"GET {API}/experiments": {"experiments": [{"experiment_id": "e1"}]},
        f"POST {API}/pipelines/upload": {"pipeline_id": "p9"},
        f"GET {API}/pipelines/p9/versions": {"pipeline_versions": [{"pipeline_version_id": "v1"}]},
        f"POST {API}/pipelines/upload_version": {"pipeline_id": "p1", "pipeline_version_id": "v2"},
        f"POST {API}/runs": {"run_id": "r1"},
    }
    written = tmp_path / "pipeline.yaml"
    written.write_text("root: {}\n")
    return written


def test_submit_uploads_a_version_and_runs_it_with_the_parameters(
    kubeflow: Kubeflow, server: Server, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit(kubeflow, file, WANTED) == "r1"
    (run,) = server.sent(f"POST {API}/runs")
    assert run["runtime_config"]["parameters"] == {"devise_margin": 0.2}
    assert run["pipeline_version_reference"]["pipeline_version_id"] == "v2"
    assert run["display_name"] == "night run"
    assert capsys.readouterr().out == ""


def test_a_pipeline_that_is_new_is_made(kubeflow: Kubeflow, server: Server, file: Path) -> None:
    server.answers[f"GET {API}/pipelines"] = {}
    assert upload(kubeflow, file, "devise") == ("p9", "v1")
    assert server.queries(f"POST {API}/pipelines/upload") == ["name=devise"]


def test_in_a_profile_the_pipeline_is_the_namespaces_own(
    profile: Kubeflow, server: Server, file: Path
) -> None:
    server.answers[f"GET {API}/pipelines"] = {}
    upload(profile, file, "devise")
    assert server.queries(f"POST {API}/pipelines/upload") == ["name=devise&namespace=vision"]
    (asked,) = server.queries(f"GET {API}/pipelines")
    assert "namespace=vision" in asked


def test_in_a_profile_the_experiment_is_the_namespaces_own_too(
    profile: Kubeflow, server: Server, file: Path
) -> None:
    server.answers[f"GET {API}/experiments"] = {}
    server.answers[f"POST {API}/experiments"] = {"experiment_id": "e2"}
    submit(profile, file, WANTED)
    (made,) = server.sent(f"POST {API}/experiments")
    assert (made["display_name"], made["namespace"]) == ("devise", "vision")


def test_the_pods_run_as_the_account_that_is_named(
    kubeflow: Kubeflow, server: Server, file: Path
) -> None:
    submit(kubeflow, file, Wanted("run", {}, "devise", "trainer"))
    (run,) = server.sent(f"POST {API}/runs")
    assert run["service_account"] == "trainer"
