"""A stage's side: the job is made, followed and removed; its nodes are functions here."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.eventually import eventually
from support.trainer import Nodes, Trainer, died, recorded

from components.shared.execution.ending import STATUS, ended_by_sigterm
from components.shared.nodes.crew import Crew
from components.shared.nodes.following import on_nodes
from components.shared.nodes.handover import Given, Handover
from components.shared.processes.launching import Figures, ProcessDied
from components.shared.settings.visual import VisualSettings
from components.shared.storage import store
from components.shared.storage.checkpoint import CheckpointStore

AtWork = Callable[[Nodes], Trainer]
NAME = "devise-pretrain-visual-k-a1aa2253"


def work(given: Given, log: object) -> Figures:
    raise AssertionError("nodes do it")


CREW = Crew("pretrain_visual", "visual", VisualSettings, work)


def ignore(metrics: Mapping[str, float], step: int | None) -> None:
    pass


@pytest.fixture(name="given")
def what_a_stage_is_given(tmp_path: Path, s3: str) -> Given:
    (tmp_path / "image_index").mkdir()
    (tmp_path / "image_index" / "index.parquet").write_bytes(b"index")
    inputs = {"image_index": tmp_path / "image_index"}
    checkpoints = CheckpointStore(f"{s3}/k")
    return Given(VisualSettings(nodes=2), inputs, tmp_path / "model", checkpoints)


def of(job: dict[str, Any]) -> Handover:
    return Handover(*job["spec"]["trainer"]["command"][-2:])


def finishing(tmp_path: Path) -> Nodes:
    """Nodes that have an artifact at once."""

    def start(trainer: Trainer, job: dict[str, Any]) -> None:
        (tmp_path / "there").mkdir(exist_ok=True)
        (tmp_path / "there" / "weights").write_bytes(b"weights")
        trainer.say("epoch 1 of 2")
        trainer.say("epoch 2 of 2")
        log = of(job).logging()
        log({"loss": 2.0}, 1)
        log({"loss": 1.0}, 2)
        of(job).finish(tmp_path / "there", {"epochs": 2.0})

    return start


def ending(*troubles: tuple[int, Exception], pods: Mapping[int, Any] | None = None) -> Nodes:
    """Nodes that are hindered."""

    def start(trainer: Trainer, job: dict[str, Any]) -> None:
        for node, error in troubles:
            of(job).report(node, error)
        trainer.pods |= pods or {}

    return start


def idle(trainer: Trainer, job: dict[str, Any]) -> None:
    pass


def nothing() -> None:
    pass


def test_the_work_of_nodes_is_the_stage_s(
    at_work: AtWork, given: Given, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = at_work(finishing(tmp_path))
    logged: list[tuple[Mapping[str, float], int | None]] = []
    figures = on_nodes(CREW, given, "k", lambda row, step: logged.append((row, step)))
    assert figures == {"epochs": 2.0}
    assert (given.output / "weights").read_bytes() == b"weights"
    assert logged == [({"loss": 2.0}, 1), ({"loss": 1.0}, 2)]
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"TrainJob {NAME}, of 2 nodes, is made", "epoch 1 of 2", "epoch 2 of 2"
    ]  # fmt: skip
    assert trainer.removed == [NAME]
    assert not store.exists(f"{given.checkpoints.uri}-nodes-a1aa2253")


def test_the_stage_s_connections_end_with_its_work(
    at_work: AtWork, given: Given, tmp_path: Path
) -> None:
    trainer = at_work(finishing(tmp_path))
    on_nodes(CREW, given, "k", ignore)
    eventually(lambda: not trainer.connections)


def test_a_node_starts_with_the_work_s_own_module(at_work: AtWork, given: Given) -> None:
    trainer = at_work(ending((0, ValueError("no"))))
    with pytest.raises(ValueError, match="no"):
        on_nodes(CREW, given, "k", ignore)
    *program, module, uri, attempt = trainer.made[0]["spec"]["trainer"]["command"]
    assert program == ["python", "-m", "components.shared.nodes.node"]
    assert (module, uri) == (work.__module__, f"{given.checkpoints.uri}-nodes-a1aa2253")
    assert attempt


def test_a_job_s_name_leaves_room_for_the_numbers_of_its_pods(
    at_work: AtWork, given: Given
) -> None:
    trainer = at_work(ending((0, ValueError("no"))))
    with pytest.raises(ValueError, match="no"):
        on_nodes(CREW, given, "0123456789abcdef", ignore)
    name = trainer.made[0]["metadata"]["name"]
    assert name == "devise-pretrain-visual-01234567-a1aa2253"
    assert len(f"{name}-node-0-9999-abcde") <= 63


@pytest.mark.parametrize(
    ("nodes", "kind", "sentence"),
    [
        (
            ending((0, RuntimeError("closed by peer")), (1, ValueError("The loss is nan"))),
            ValueError, "^The loss is nan$",
        ),
        (
            ending((0, RuntimeError("closed by peer")), pods={1: died("OOMKilled", 137)}),
            RuntimeError, r"^Node 1 of 2 ended before .* \(OOMKilled, exit code 137\): the next",
        ),
        (
            ending((0, RuntimeError("closed")), (1, ProcessDied("Process 1 of 2 ended with -9"))),
            RuntimeError, r"^Node 1 of 2 ended .* \(Process 1 of 2 ended with -9\)",
        ),
        (
            ending((1, RuntimeError("the cluster began it again"))),
            RuntimeError, r"^Node 1 of 2 ended .* \(the cluster began it again\)",
        ),
    ],
)  # fmt: skip
def test_the_first_cause_is_the_stage_s_failure(
    at_work: AtWork, given: Given, nodes: Nodes, kind: type[Exception], sentence: str
) -> None:
    trainer = at_work(nodes)
    with pytest.raises(kind, match=sentence):
        on_nodes(CREW, given, "k", ignore)
    assert trainer.removed == [NAME]


def test_a_node_that_dies_without_a_word_leaves_its_last_lines(
    at_work: AtWork, given: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    def end(trainer: Trainer, job: dict[str, Any]) -> None:
        trainer.last_words = [
            "2026-11-27T04:00:00.1Z epoch 1",
            "2026-11-27T04:00:00.2Z No module named components",
        ]
        trainer.pods[1] = died("Error", 1)

    at_work(end)
    why = r"\(Error, exit code 1; it said last: No module named components\): the next attempt"
    with pytest.raises(RuntimeError, match=f"^Node 1 of 2 ended before its work was done {why}"):
        on_nodes(CREW, given, "k", ignore)
    assert "node 1 said last: epoch 1" in capsys.readouterr().out


def test_a_node_whose_pod_was_removed_is_the_cause(at_work: AtWork, given: Given) -> None:
    def wait(trainer: Trainer, job: dict[str, Any]) -> None:
        def remove() -> None:
            trainer.endings[1] = "fghij"
            of(job).report(0, RuntimeError("Connection reset by peer"))

        trainer.looks = [nothing, remove]

    at_work(wait)
    with pytest.raises(RuntimeError, match=r"^Node 1 of 2 ended .* \(its pod was removed\): the"):
        on_nodes(CREW, given, "k", ignore)


def test_how_a_pod_ended_is_known_once_another_is_in_its_place(
    at_work: AtWork, given: Given
) -> None:
    def end(trainer: Trainer, job: dict[str, Any]) -> None:
        works = trainer.pods[1]
        trainer.pods[1] = died("Error", 143)
        trainer.looks = [partial(trainer.pods.update, {1: works})]

    at_work(end)
    with pytest.raises(RuntimeError, match=r"^Node 1 of 2 ended .* \(Error, exit code 143\): the"):
        on_nodes(CREW, given, "k", ignore)


def test_an_attempt_waits_until_the_pods_of_the_one_before_are_gone(
    at_work: AtWork, given: Given, tmp_path: Path
) -> None:
    finish = finishing(tmp_path)

    def start(trainer: Trainer, job: dict[str, Any]) -> None:
        assert trainer.leaving == 0
        finish(trainer, job)

    trainer = at_work(start)
    trainer.pods, trainer.leaving = {0: died("Error", 143)}, 2
    assert on_nodes(CREW, given, "k", ignore) == {"epochs": 2.0}


@pytest.mark.parametrize("may_read", [True, False])
def test_why_nodes_are_missing_is_said_once_where_it_may_be_read(
    at_work: AtWork,
    given: Given,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    may_read: bool,
) -> None:
    refused = [one for one in recorded("events") if one["reason"] == "FailedCreate"]
    for event in refused:
        event["involvedObject"]["name"] = f"{NAME}-node-0"

    def wait(trainer: Trainer, job: dict[str, Any]) -> None:
        trainer.events = refused if may_read else None
        start = partial(trainer.pods.update, {1: trainer.pods.pop(1)})
        trainer.looks = [nothing, start, partial(finishing(tmp_path), trainer, job)]

    at_work(wait)
    on_nodes(CREW, given, "k", ignore)
    said = [line for line in capsys.readouterr().out.splitlines() if "missing" in line]
    why = "nodes are missing: exceeded quota: few, requested: pods=1, used: pods=1, limited: pods=1"
    assert said == ([why] if may_read else [])


def test_a_job_that_trainer_gives_up_says_why(at_work: AtWork, given: Given) -> None:
    def give_up(trainer: Trainer, job: dict[str, Any]) -> None:
        late = {"type": "Failed", "status": "True", "message": "exceeded its active deadline"}
        job["status"] = {"conditions": [late]}

    at_work(give_up)
    with pytest.raises(RuntimeError, match="without a result: exceeded its active deadline"):
        on_nodes(CREW, given, "k", ignore)


def test_a_job_that_somebody_removes_ends_the_stage(at_work: AtWork, given: Given) -> None:
    def remove(trainer: Trainer, job: dict[str, Any]) -> None:
        trainer.looks = [nothing, partial(trainer.remove, NAME)]

    at_work(remove)
    with pytest.raises(RuntimeError, match=f"TrainJob {NAME} was removed"):
        on_nodes(CREW, given, "k", ignore)


def test_why_a_node_waits_is_said_once(
    at_work: AtWork, given: Given, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def wait(trainer: Trainer, job: dict[str, Any]) -> None:
        why = "0/2 nodes are available: 2 Insufficient nvidia.com/gpu. no"
        conditions = [{"reason": "Unschedulable", "message": why}]
        works = trainer.pods[1]
        trainer.pods[1] = {"phase": "Pending", "conditions": conditions}
        start = partial(trainer.pods.update, {1: works})
        trainer.looks = [nothing, start, nothing, partial(finishing(tmp_path), trainer, job)]

    at_work(wait)
    on_nodes(CREW, given, "k", ignore)
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("node")]
    assert said == [
        "node 1: waits for a GPU: 0 of 2 nodes have one free (2 Insufficient nvidia.com/gpu)",
        "node 1: waits no more",
    ]


def test_a_stage_that_is_stopped_removes_its_job(at_work: AtWork, given: Given) -> None:
    trainer = at_work(idle)
    # While the stage waits for an answer: a moment of its own may lie before the job is made.
    trainer.looks = [nothing, nothing, partial(os.kill, os.getpid(), signal.SIGTERM)]
    with ended_by_sigterm(), pytest.raises(SystemExit) as ended:
        on_nodes(CREW, given, "k", ignore)
    assert ended.value.code == STATUS
    assert trainer.removed == [NAME]


def left_behind(trainer: Trainer, given: Given, nodes: int = 2) -> Handover:
    """A job of an attempt that is gone without a word."""
    handover = Handover(f"{given.checkpoints.uri}-nodes-a1aa2253", "before")
    handover.give(given)
    command = ["python", work.__module__, handover.uri, handover.attempt]
    asked = {"numNodes": nodes, "image": "local/devise-pretrain-visual:house3", "command": command}
    trainer.make({"metadata": {"name": NAME}, "spec": {"trainer": asked}})
    return handover


def test_a_job_of_an_attempt_before_is_found_and_followed(
    at_work: AtWork, given: Given, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = at_work(idle)
    left_behind(trainer, given)
    finish = finishing(tmp_path)
    threading.Timer(0.3, finish, [trainer, trainer.jobs[NAME]]).start()
    assert on_nodes(CREW, given, "k", ignore) == {"epochs": 2.0}
    assert "is found again, and followed" in capsys.readouterr().out
    assert len(trainer.made) == 1


@pytest.mark.parametrize("why", ["in trouble", "other nodes", "over"])
def test_a_job_that_cannot_be_followed_is_made_anew(
    at_work: AtWork, given: Given, tmp_path: Path, why: str
) -> None:
    trainer = at_work(idle)
    before = left_behind(trainer, given, 3 if why == "other nodes" else 2)
    if why == "in trouble":
        before.report(1, RuntimeError("gone"))
    if why == "over":
        over = {"type": "Complete", "status": "True", "message": ""}
        trainer.jobs[NAME]["status"] = {"conditions": [over]}
    trainer.nodes = finishing(tmp_path)
    assert on_nodes(CREW, given, "k", ignore) == {"epochs": 2.0}
    assert len(trainer.made) == 2
    assert trainer.removed == [NAME, NAME]


def test_the_nodes_hear_that_the_stage_lives(at_work: AtWork, given: Given) -> None:
    beats: set[object] = set()

    def listen(trainer: Trainer, job: dict[str, Any]) -> None:
        def hear() -> None:
            while len(beats) < 3:
                beats.add(of(job).last_beat())
                time.sleep(0.02)
            of(job).report(0, ValueError("enough"))

        threading.Thread(target=hear, daemon=True).start()

    at_work(listen)
    with pytest.raises(ValueError, match="enough"):
        on_nodes(CREW, given, "k", ignore)


def test_without_a_cluster_several_nodes_are_refused(
    at_work: AtWork, given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KFP_POD_NAME")
    with pytest.raises(ValueError, match="visual_nodes is 2, and here is no cluster with Kubeflow"):
        on_nodes(CREW, given, "k", ignore)


def test_nodes_need_object_storage(at_work: AtWork, given: Given, tmp_path: Path) -> None:
    here = Given(given.config, given.inputs, given.output, CheckpointStore(str(tmp_path / "c")))
    with pytest.raises(ValueError, match="give an s3:// address as checkpoints_uri"):
        on_nodes(CREW, here, "k", ignore)
