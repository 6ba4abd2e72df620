"""Why pods wait, out of what a real cluster said of them."""

import pytest
from support.kubeflow import Server, answer

from pipeline.cluster.kube import Cluster, Unreadable
from pipeline.cluster.waiting import refused_pods, waiting, why_pending, why_unschedulable

NAMESPACE = "/api/v1/namespaces/vision"
PODS = f"GET {NAMESPACE}/pods"
EVENTS = f"GET {NAMESPACE}/events"
WORKFLOWS = "GET /apis/argoproj.io/v1alpha1/namespaces/vision/workflows"


def test_a_pod_without_a_gpu_waits_for_one() -> None:
    assert why_pending(answer("gpu_pod.json")) == (
        "waits for a GPU: 0 of 1 nodes have one free (1 Insufficient nvidia.com/gpu)"
    )


def test_an_image_that_cannot_be_pulled_is_named() -> None:
    assert why_pending(answer("image_pod.json")) == (
        "image cannot be pulled: registry.example/team/devise-none:1.0"
    )


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "0/3 nodes are available: 1 node(s) had untolerated taint {gpu: }, 2 Insufficient cpu, "
            "2 Insufficient memory. preemption: not helpful.",
            "waits for cpu and memory: 0 of 3 nodes have enough (1 node(s) had untolerated taint "
            "{gpu: }, 2 Insufficient cpu, 2 Insufficient memory)",
        ),
        (
            "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
            "fits on 0 of 2 nodes: 2 node(s) didn't match Pod's node affinity/selector",
        ),
        (
            "pod has unbound immediate PersistentVolumeClaims",
            "cannot be scheduled: pod has unbound immediate PersistentVolumeClaims",
        ),
    ],
)
def test_the_scheduler_is_said_in_fewer_words(message: str, sentence: str) -> None:
    assert why_unschedulable(message) == sentence


def test_a_container_that_cannot_be_made_says_why() -> None:
    waits = {"reason": "CreateContainerConfigError", "message": 'secret "s3" not found'}
    status = {"containerStatuses": [{"image": "i", "state": {"waiting": waits}}]}
    assert why_pending({"status": status}) == 'CreateContainerConfigError: secret "s3" not found'


def test_a_container_on_its_way_is_no_reason() -> None:
    waits = {"reason": "ContainerCreating"}
    status = {"containerStatuses": [{"image": "i", "state": {"waiting": waits}}]}
    assert why_pending({"status": status}) == ""


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
