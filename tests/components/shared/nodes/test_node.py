"""A node's side, with the environment that Kubeflow Trainer gives it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import free_port
from support.crews import CREW

from components.shared.execution.ending import ended_by_sigterm
from components.shared.nodes.handover import Given, Handover, Trouble
from components.shared.nodes.node import ended_without, main, this_node
from components.shared.processes.launching import Node
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore


@pytest.fixture(name="environment", autouse=True)
def environment_of_the_only_node(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    found = {
        "PET_NNODES": "1",
        "PET_NODE_RANK": "0",
        "PET_NPROC_PER_NODE": "1",
        "PET_MASTER_ADDR": "127.0.0.1",
        "PET_MASTER_PORT": str(free_port()),
    }
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DEVISE_CODE_VERSION", raising=False)
    return found


def given_over(text: str, folder: Path) -> Handover:
    (folder / "image_index").mkdir()
    (folder / "image_index" / "index").write_text(text)
    inputs = {"image_index": folder / "image_index"}
    handover = Handover(str(folder / "handover"), "first")
    handover.give(Given(VisualSettings(), inputs, folder / "model", CheckpointStore("")))
    return handover


def arguments(handover: Handover) -> tuple[str, str, str]:
    return CREW.work.__module__, handover.uri, handover.attempt


def test_a_node_knows_what_torchrun_would(environment: dict[str, str]) -> None:
    port = int(environment["PET_MASTER_PORT"])
    assert this_node({**environment, "PET_NNODES": "3", "PET_NODE_RANK": "2"}) == Node(
        2, 3, "127.0.0.1", port
    )


def test_the_first_node_hands_over_what_was_made(tmp_path: Path) -> None:
    handover = given_over("images", tmp_path)
    main(arguments(handover))
    handover.take(tmp_path / "taken")
    assert (tmp_path / "taken" / "copy").read_text() == "images"
    found = handover.result()
    assert found
    assert found["figures"] == {"ranks": 1, "rank": 0}


def test_what_hinders_a_node_is_reported_in_its_own_words(tmp_path: Path) -> None:
    handover = given_over("", tmp_path)
    with pytest.raises(ValueError, match="The index is empty"):
        main(arguments(handover))
    assert handover.troubles(1) == {0: Trouble("ValueError", "The index is empty: give images.")}
    assert handover.result() is None


def test_a_node_that_was_ended_does_not_begin_again(tmp_path: Path) -> None:
    handover = given_over("images", tmp_path)
    handover.enter(0)
    with pytest.raises(RuntimeError, match="the cluster ended it, and began it again"):
        main(arguments(handover))
    assert handover.troubles(1)[0].kind == "RuntimeError"


def test_code_that_was_not_compiled_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CODE_VERSION", "other")
    with pytest.raises(ValueError, match="The image of pretrain_visual holds other code"):
        main(arguments(given_over("images", tmp_path)))


def test_a_node_ends_where_its_stage_is_gone() -> None:
    def silent() -> int:
        return 1

    with ended_by_sigterm(), pytest.raises(SystemExit), ended_without(silent, 0.02, 0.1):
        signal.pause()


def test_a_node_works_on_while_its_stage_lives() -> None:
    def beats() -> Iterator[int]:
        yield 0
        yield 0
        raise ValueError("the store is away")

    living, before = beats(), time.monotonic_ns()

    def beat() -> int:
        return next(living, time.monotonic_ns())

    with ended_without(beat, 0.02, 0.1):
        time.sleep(0.3)
    assert time.monotonic_ns() > before
    assert os.getpid()
