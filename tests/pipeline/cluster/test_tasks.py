"""Stages out of what a real Kubeflow and a real workflow said."""

import base64
import gzip
import json
from typing import Any

import kfp_server_api
import pytest
from support.kubeflow import answer

from pipeline.cluster.tasks import (
    Failure,
    executed,
    failures,
    from_kubeflow,
    from_workflow,
    nodes_of,
    stages,
)

NAMES = {"say-hello", "say-hello-2", "fail-here"}


def details(name: str) -> Any:
    """A run's tasks as kfp's client reads them."""

    class Response:
        data = json.dumps(answer(name)["run_details"])

    client = kfp_server_api.ApiClient()
    return client.deserialize(Response, "V2beta1RunDetails").task_details


def workflow() -> Any:
    return answer("quota_workflow.json")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "cached_run.json",
            [("say-hello", "taken from the cache"), *[("say-hello-2", "succeeded")] * 2],
        ),
        ("failed_run.json", [("say-hello", "succeeded"), ("fail-here", "failed")]),
        ("waits_run.json", [("say-hello", "waits for its pod")]),
    ],
)
def test_stages_are_told_from_the_nodes_around_them(
    name: str, found: list[tuple[str, str]]
) -> None:
    assert [(s.name, s.state) for s in stages(from_kubeflow(details(name)), NAMES)] == found


def test_a_stage_that_is_over_has_a_time() -> None:
    hello, failed = stages(from_kubeflow(details("failed_run.json")), NAMES)
    assert (hello.seconds, failed.seconds) == (20, 10)
    (waits,) = stages(from_kubeflow(details("waits_run.json")), NAMES)
    assert waits.seconds is None


def test_a_failed_pod_is_told_with_its_stage() -> None:
    found = failures(from_kubeflow(details("failed_run.json")), NAMES)
    assert found == [Failure("fail-here", ("follow-fail-ztwt8-1102982915",))]


def test_a_driver_can_fail_too() -> None:
    nodes = {
        "a": {"id": "a", "displayName": "evaluate-driver", "phase": "Error", "children": ["b"],
              "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:10Z"},
    }  # fmt: skip
    found = failures(from_workflow({"status": {"nodes": nodes}}), {"evaluate"})
    assert found == [Failure("evaluate-driver", ("b",))]


def test_a_workflow_says_the_same_as_kubeflows_list() -> None:
    nodes = {
        "x-1": {"id": "x-1", "displayName": "evaluate", "phase": "Running",
                "startedAt": "2026-01-01T00:00:00Z", "finishedAt": None},
        "x-2": {"id": "x-2", "displayName": "executor(0)", "phase": "Pending",
                "startedAt": "2026-01-01T00:00:00Z", "finishedAt": None},
        "x-3": {"id": "x-3", "displayName": "draw-report", "phase": "Omitted",
                "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:00Z"},
    }  # fmt: skip
    (stage,) = stages(from_workflow({"status": {"nodes": nodes}}), {"evaluate", "draw-report"})
    assert (stage.name, stage.state) == ("evaluate", "waits for its pod")


def test_a_large_workflows_nodes_are_unpacked() -> None:
    nodes = workflow()["status"]["nodes"]
    packed = base64.b64encode(gzip.compress(json.dumps(nodes).encode())).decode()
    assert nodes_of({"status": {"compressedNodes": packed}}) == nodes_of(workflow()) == nodes


@pytest.mark.parametrize("wrapped", [False, True])
def test_tasks_that_run_something_are_found_however_deep(wrapped: bool) -> None:
    def dag(**tasks: str) -> Any:
        return {"dag": {"tasks": {n: {"componentRef": {"name": c}} for n, c in tasks.items()}}}

    specification = {
        "root": dag(first="comp-a", nested="comp-dag"),
        "components": {
            "comp-a": {"executorLabel": "exec-a"},
            "comp-dag": dag(second="comp-a"),
        },
    }
    given = {"pipeline_spec": specification, "platform_spec": {}} if wrapped else specification
    assert executed(given) == {"first", "second"}
