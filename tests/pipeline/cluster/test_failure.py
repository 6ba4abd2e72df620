"""What a failed stage said, out of the log of a real pod."""

import pytest
from support.kubeflow import ANSWERS, Server

from components.shared.kube.api import Cluster
from pipeline.cluster.connection import Kubeflow
from pipeline.cluster.failure import error_in, message
from pipeline.cluster.tasks import Failure

LOG = (ANSWERS / "failed.log").read_text()
SAID = "ValueError: images_uri names no file: give a file, a folder with files, or a pattern."
FAILED = Failure("evaluate", ("x-1", "x-2"))
ADDRESS = "GET /apis/v1alpha1/runs/r1/nodes/x-2/log"
PODS = "GET /api/v1/namespaces/kubeflow/pods"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_the_exceptions_own_words_are_found_among_the_launchers() -> None:
    assert error_in(LOG) == SAID


def test_a_process_that_was_killed_says_how() -> None:
    log = (
        "I1126 14:12:47.126526      15 launcher_v2.go:867] Executing\nepoch 3\n"
        "E1126 14:12:47.1 17 launcher_v2.go:449] Component failed to execute successfully: "
        "signal: killed\nF1126 14:12:47.2 15 main.go:59] failed to execute component\n"
    )
    assert error_in(log) == "epoch 3\nsignal: killed"


def test_the_last_attempt_is_asked_for_through_kubeflow(server: Server, kubeflow: Kubeflow) -> None:
    server.answers[ADDRESS] = LOG
    assert message(kubeflow, None, "r1", FAILED) == SAID


@pytest.mark.parametrize("page", ["<!DOCTYPE html>", {"error_message": "Failed to read"}])
def test_where_a_gateway_keeps_it_the_cluster_is_asked(
    server: Server, kubeflow: Kubeflow, cluster: Cluster, page: object
) -> None:
    annotations = {"workflows.argoproj.io/node-id": "x-2"}
    pod = {"metadata": {"name": "p2", "annotations": annotations}}
    server.answers |= {
        ADDRESS: page,
        PODS: {"items": [{"metadata": {"name": "p1"}}, pod]},
        f"{PODS}/p2/log": LOG,
    }
    assert message(kubeflow, cluster, "r1", FAILED) == SAID


def test_where_there_is_no_log_nothing_is_said(
    server: Server, kubeflow: Kubeflow, cluster: Cluster
) -> None:
    assert message(kubeflow, cluster, "r1", FAILED) == ""
