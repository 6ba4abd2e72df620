"""Why pods wait, out of what a real cluster said of them."""

import pytest
from support.kubeflow import Server, answer

from components.shared.kube.api import Cluster, Unreadable
from pipeline.cluster.waiting import refused_pods, waiting

NAMESPACE = "/api/v1/namespaces/vision"
PODS = f"GET {NAMESPACE}/pods"
EVENTS = f"GET {NAMESPACE}/events"
WORKFLOWS = "GET /apis/argoproj.io/v1alpha1/namespaces/vision/workflows"


def test_a_quota_that_refuses_a_pod_is_told() -> None:
    ((stage, why),) = refused_pods(answer("quota_workflow.json"))
    assert stage == "say-hello"
    assert why.startswith("the quota refuses it: exceeded quota: probe-client-gpu, requested: req")


def test_what_waits_is_told_by_stage(server: Server, cluster: Cluster) -> None:
    server.answers |= {
        PODS: {"items": [answer("gpu_pod.json"), {"status": {"phase": "Running"}}]},
        WORKFLOWS: {"items": []},
    }
    assert list(waiting(cluster, "vision", "r1")) == ["say-hello"]
    assert server.queries(PODS) == ["labelSelector=pipeline/runid=r1"]


def test_events_are_asked_where_the_pod_itself_says_nothing(
    server: Server, cluster: Cluster
) -> None:
    name = "x(0).root(0).evaluate(0).executor(0)"
    pod = {
        "metadata": {"name": "p1", "annotations": {"workflows.argoproj.io/node-name": name}},
        "status": {"phase": "Pending"},
    }
    event = {"reason": "FailedMount", "message": "no such claim", "lastTimestamp": "2026-01-01"}
    server.answers |= {PODS: {"items": [pod]}, EVENTS: {"items": [event]}}
    assert waiting(cluster, "vision", "r1") == {"evaluate": "FailedMount: no such claim"}


def test_pods_that_may_not_be_read_are_no_silence(server: Server, cluster: Cluster) -> None:
    server.answers[PODS] = (403, {"message": "forbidden"})
    with pytest.raises(Unreadable, match=r"the cluster says 403 Forbidden to .*/vision/pods"):
        waiting(cluster, "vision", "r1")
