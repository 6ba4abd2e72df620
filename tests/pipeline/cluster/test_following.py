"""A run followed at a real HTTP server, with what a real Kubeflow answered."""

from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import ANSWERS, Server, answer, kubeconfig

from pipeline.cluster.connection import Absent, Kubeflow, Unreachable
from pipeline.cluster.following import Follower, follow

API = "/apis/v2beta1"
RUN = f"GET {API}/runs/r1"
LOG = "GET /apis/v1alpha1/runs/r1/nodes/follow-fail-ztwt8-1102982915/log"
PODS = "GET /api/v1/namespaces/kubeflow/pods"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def specification() -> Any:
    names = ("say-hello", "say-hello-2", "fail-here")
    tasks = {name: {"componentRef": {"name": "c"}} for name in names}
    return {"root": {"dag": {"tasks": tasks}}, "components": {"c": {"executorLabel": "e"}}}


def show(server: Server, name: str) -> None:
    """Let the server answer as Kubeflow did once."""
    run = answer(name)
    version = run["pipeline_version_reference"]
    path = f"{API}/pipelines/{version['pipeline_id']}/versions/{version['pipeline_version_id']}"
    server.answers[RUN] = run
    server.answers[f"GET {path}"] = {"pipeline_spec": specification()}


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_run_that_succeeds_is_told_stage_by_stage(
    server: Server, kubeflow: Kubeflow, said: list[str]
) -> None:
    show(server, "cached_run.json")
    assert follow(Follower(kubeflow, "r1", said.append))
    assert [line.split(None, 1)[1] for line in said] == [
        "say-hello                     taken from the cache",
        "say-hello-2 1                 succeeded after 0:20",
        "say-hello-2 2                 succeeded after 0:20",
        "SUCCEEDED",
    ]
    assert said[-1].split()[0] == "1:11"


def test_a_run_that_fails_ends_with_the_stages_own_error(
    server: Server, kubeflow: Kubeflow, said: list[str]
) -> None:
    show(server, "failed_run.json")
    server.answers[LOG] = (ANSWERS / "failed.log").read_text()
    assert not follow(Follower(kubeflow, "r1", said.append))
    assert said[-1] == (
        "fail-here failed: ValueError: images_uri names no file: give a file, a folder with files, "
        "or a pattern."
    )


def test_without_its_log_a_failed_stage_names_the_runs_page(
    server: Server, kubeflow: Kubeflow, said: list[str]
) -> None:
    show(server, "failed_run.json")
    follow(Follower(kubeflow, "r1", said.append))
    page = f"{server.address}/#/runs/details/r1"
    assert said[-1] == f"fail-here failed: its log is on the page {page}"


def test_only_what_is_new_is_said_and_why_a_pod_waits(
    server: Server,
    kubeflow: Kubeflow,
    said: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(server.address, tmp_path)))
    show(server, "waits_run.json")
    server.answers[PODS] = {"items": [answer("gpu_pod.json")]}
    follower = Follower(kubeflow, "r1", said.append)
    assert follower.look() == "RUNNING"
    assert [line.split(None, 1)[1] for line in said] == [
        "say-hello                     waits for its pod",
        "RUNNING",
        "say-hello                     waits for a GPU: 0 of 1 nodes have one free (1 Insufficient "
        "nvidia.com/gpu)",
    ]
    follower.look()
    assert len(said) == 3
    server.answers[PODS] = {"items": []}
    follower.look()
    server.answers[PODS] = {"items": [answer("gpu_pod.json")]}
    follower.look()
    assert len(said) == 4


def test_what_cannot_be_read_of_pods_is_said_once(
    server: Server, kubeflow: Kubeflow, said: list[str]
) -> None:
    show(server, "waits_run.json")
    follower = Follower(kubeflow, "r1", said.append)
    follower.look()
    follower.look()
    told = "Why a pod waits cannot be shown: there is no kubeconfig here."
    assert said.count(told) == 1


def test_a_run_that_is_not_there_is_said(kubeflow: Kubeflow, said: list[str]) -> None:
    with pytest.raises(Absent, match="There is no run 'r1' at"):
        Follower(kubeflow, "r1", said.append).look()


def test_a_run_whose_pipeline_was_deleted_still_has_a_state(
    server: Server, kubeflow: Kubeflow, said: list[str]
) -> None:
    server.answers[RUN] = answer("cached_run.json")
    assert Follower(kubeflow, "r1", said.append).look() == "SUCCEEDED"
    assert said[0].startswith("Its pipeline was deleted")
    assert said[1].endswith("SUCCEEDED")


def test_a_kubeflow_that_is_away_for_a_while_is_asked_again(
    server: Server, kubeflow: Kubeflow, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    show(server, "cached_run.json")
    run = server.answers[RUN]
    server.answers[RUN] = (503, {"message": "no healthy upstream"})

    def back(_seconds: float) -> None:
        server.answers[RUN] = run

    monkeypatch.setattr("time.sleep", back)
    assert follow(Follower(kubeflow, "r1", said.append))
    assert "503): no healthy upstream It is asked again." in said[0]


def test_a_kubeflow_that_stays_away_ends_the_waiting(
    server: Server, kubeflow: Kubeflow, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cluster.following.PATIENCE", 2)
    server.answers[RUN] = (503, {})
    with pytest.raises(Unreachable, match="503"):
        follow(Follower(kubeflow, "r1", said.append), every=0)
    assert len(said) == 1
