from typing import Any

import pytest
from support.kubeflow import Server

from pipeline.cli import main

API = "/apis/v2beta1"
RUN: dict[str, Any] = {
    "run_id": "r1",
    "state": "RUNNING",
    "created_at": "2026-01-01T00:00:00Z",
    "pipeline_spec": {"root": {"dag": {"tasks": {}}}, "components": {}},
}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_a_run_is_looked_at_once(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.answers[f"GET {API}/runs/r1"] = RUN
    assert main(["status", "r1"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].endswith("  RUNNING")
    assert shown[1] == "Why a pod waits cannot be shown: there is no kubeconfig here."


@pytest.mark.parametrize(("state", "code"), [("SUCCEEDED", 0), ("CANCELED", 1)])
def test_a_run_is_followed_to_its_end(server: Server, state: str, code: int) -> None:
    server.answers[f"GET {API}/runs/r1"] = {**RUN, "state": state}
    assert main(["status", "r1", "--wait"]) == code


@pytest.mark.parametrize(("state", "code"), [("SUCCEEDED", 0), ("FAILED", 1), ("PENDING", 0)])
def test_a_run_that_is_looked_at_once_ends_the_command_as_it_has_ended(
    server: Server, state: str, code: int
) -> None:
    server.answers[f"GET {API}/runs/r1"] = {**RUN, "state": state}
    assert main(["status", "r1"]) == code


def test_a_run_that_is_not_there_is_said(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "r1"]) == 2
    assert f"error: There is no run 'r1' at {server.address}" in capsys.readouterr().err
