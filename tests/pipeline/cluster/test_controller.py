from pathlib import Path

import pytest
import yaml
from support.kubeflow import Server

from components.shared.kube.api import Cluster
from pipeline.cluster.controller import WARNING, retries, retry_warning

PATH = "GET /api/v1/namespaces/kubeflow/configmaps/workflow-controller-configmap"


def settings(strategy: dict[str, str] | None) -> dict[str, str]:
    spec = {"templateDefaults": {"retryStrategy": strategy}} if strategy else {}
    return {"workflowDefaults": yaml.safe_dump({"spec": spec})}


SHIPPED = settings({"limit": "2", "retryPolicy": "OnError"})
PATCHED = settings({"limit": "0", "retryPolicy": "Always"})


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (SHIPPED, False),
        (PATCHED, True),
        (settings({"retryPolicy": "Always"}), True),
        (settings({"limit": "0", "retryPolicy": "OnFailure"}), False),
        (settings(None), True),
        ({}, True),
    ],
)
def test_a_controller_that_swallows_retries_is_told_from_one_that_does_not(
    found: dict[str, str], right: bool
) -> None:
    assert retries(found) == right


def test_the_warning_is_given_where_the_patch_is_missing(server: Server, cluster: Cluster) -> None:
    server.answers[PATH] = {"data": SHIPPED}
    assert retry_warning() == WARNING
    server.answers[PATH] = {"data": PATCHED}
    assert retry_warning() == ""


def test_where_it_may_not_be_read_nothing_is_said(server: Server, cluster: Cluster) -> None:
    server.answers[PATH] = (403, {})
    assert retry_warning() == ""


def test_without_a_kubeconfig_nothing_is_said(tmp_path: Path) -> None:
    assert retry_warning() == ""
