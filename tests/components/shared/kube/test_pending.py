"""Why pods do not start, out of what a real cluster said of them."""

import pytest
from support.kubeflow import answer

from components.shared.kube.pending import why_pending, why_unschedulable


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
