from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from support.trainer import NAMESPACE, Nodes, Trainer, cannot_start, died, own_pod, recorded

from components.shared.kube.api import Unreadable, reach
from components.shared.nodes.jobs import Jobs, ended, why_failed

JOB = {"metadata": {"name": "j"}, "spec": {"trainer": {"numNodes": 2}}}


def idle(trainer: Trainer, job: object) -> None:
    pass


@pytest.fixture(name="trainer")
def cluster(at_work: Callable[[Nodes], Trainer]) -> Trainer:
    return at_work(idle)


@pytest.fixture(name="jobs")
def jobs_of(trainer: Trainer) -> Iterator[Jobs]:
    with closing(reach()) as cluster:
        yield Jobs(cluster, NAMESPACE)


def test_a_job_is_made_found_and_removed(trainer: Trainer, jobs: Jobs) -> None:
    assert jobs.find("j") is None
    jobs.make(JOB)
    assert jobs.find("j") == JOB
    jobs.remove("j")
    jobs.remove("j")
    assert trainer.removed == ["j"]


def test_the_own_pod_is_the_one_that_kubeflow_names(jobs: Jobs) -> None:
    assert jobs.own_pod() == own_pod()


@pytest.mark.parametrize(
    ("status", "said", "sentence"),
    [
        (403, 'trainjobs is forbidden: User "x" cannot create', "applies manifests/components/tr"),
        (404, "", "has no Kubeflow Trainer: 2.2 or later must be installed"),
        (422, "no runtime torch-distributed", "takes no TrainJob: no runtime torch-distributed"),
        (403, 'admission webhook "v" denied: no runtime', "takes no TrainJob: admission webhook"),
    ],
)
def test_a_refusal_says_what_to_do(
    trainer: Trainer, jobs: Jobs, status: int, said: str, sentence: str
) -> None:
    trainer.refuses = status, {"kind": "Status", "message": said}
    with pytest.raises(ValueError, match=sentence):
        jobs.make(JOB)


def test_of_each_node_the_pod_says_how_it_is(trainer: Trainer, jobs: Jobs) -> None:
    jobs.make(JOB)
    trainer.pods[1] = died("OOMKilled", 137)
    trainer.pods[0] = {
        "phase": "Pending",
        "conditions": [{"reason": "Unschedulable", "message": "0/2 nodes are available: 2 "
                        "Insufficient nvidia.com/gpu. no"}],
    }  # fmt: skip
    first, second = jobs.pods("j")
    assert first.waits.startswith("waits for a GPU: 0 of 2 nodes have one free")
    assert (first.died, second.waits) == ("", "")
    assert second.died == "OOMKilled, exit code 137"


def test_a_pod_that_was_evicted_has_died(trainer: Trainer, jobs: Jobs) -> None:
    jobs.make(JOB)
    trainer.pods[1] = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on"}
    assert [pod.died for pod in jobs.pods("j")] == ["", "Evicted"]


def test_a_log_has_the_time_of_each_line(trainer: Trainer, jobs: Jobs) -> None:
    jobs.make(JOB)
    trainer.logs = ["2026-11-27T04:00:00.1Z epoch 1", "2026-11-27T04:00:00.2Z"]
    (pod, _) = jobs.pods("j")
    assert list(jobs.log(pod, 10)) == [
        ("2026-11-27T04:00:00.1Z", "epoch 1"),
        ("2026-11-27T04:00:00.2Z", ""),
    ]


def test_a_pod_that_cannot_start_says_why(trainer: Trainer, jobs: Jobs) -> None:
    jobs.make(JOB)
    trainer.pods[1] = cannot_start()
    (_, second) = jobs.pods("j")
    assert second.died.startswith("StartError, exit code 128: failed to create containerd task")
    assert second.died.endswith(
        'exec: "no-such-program": executable file not found in $PATH: unknown'
    )


def test_the_last_lines_are_those_of_the_container_that_died(trainer: Trainer, jobs: Jobs) -> None:
    jobs.make(JOB)
    trainer.logs = [f"2026-11-27T04:00:0{number}.1Z epoch {number}" for number in range(2)] * 8
    trainer.last_words = ["2026-11-27T04:00:00.1Z No module named components"]
    trainer.pods[1] = died("Error", 1)
    first, second = jobs.pods("j")
    assert jobs.last_lines(second) == ["No module named components"]
    assert jobs.last_lines(first) == ["epoch 0", "epoch 1"] * 5


@pytest.mark.parametrize(
    ("job", "refusals"),
    [
        ("devise-probe-quota", ["exceeded quota: few, requested: pods=1, used: pods=1, limited: "
                                "pods=1"]),
        ("devise-pretrain-visual-0123456789abcdef-a1aa2253", [
            "TrainJob resources reconciliation failed: admission webhook \"vjobset.kb.io\" denied "
            "the request: JobSet.jobset.x-k8s.io "
            "\"devise-pretrain-visual-0123456789abcdef-a1aa2253\" is invalid: "
            "spec.replicatedJobs[0].name: Invalid value: "
            "\"devise-pretrain-visual-0123456789abcdef-a1aa2253-node-0\": JobSet name is too long, "
            "pod names generated for this JobSet will exceed 63 characters"]),
        ("another", []),
    ],
)  # fmt: skip
def test_what_keeps_a_job_from_its_pods_is_found(
    trainer: Trainer, jobs: Jobs, job: str, refusals: list[str]
) -> None:
    trainer.events = recorded("events")
    assert jobs.refusals(job) == refusals


def test_what_the_cluster_does_not_answer_is_raised(jobs: Jobs, trainer: Trainer) -> None:
    trainer.jobs["j"] = JOB
    trainer.shutdown()
    trainer.server_close()
    with pytest.raises(ValueError, match="does not answer"):
        jobs.find("j")
    with pytest.raises(Unreadable):
        jobs.remove("j")


def test_a_job_has_ended_by_the_condition_that_is_true() -> None:
    suspended = {"type": "Suspended", "status": "True", "message": "s"}
    complete = {"type": "Complete", "status": "False", "message": "c"}
    failed = {"type": "Failed", "status": "True", "message": "jobset failed"}
    assert ended({"status": {"conditions": [suspended, complete]}}) == ""
    assert ended({"status": {"conditions": [suspended, failed]}}) == "Failed"
    assert why_failed({"status": {"conditions": [suspended, failed]}}) == "jobset failed"
    assert ended({}) == ""
