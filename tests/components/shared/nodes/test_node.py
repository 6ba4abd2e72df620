"""A node's side, with the environment that Kubeflow Trainer gives it."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.crews import CREW
from support.ports import free_port

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


@dataclass
class Stage:
    """Gives one sign of life a look, in order, and new ones once `all_seen` says there is none."""

    signs: Iterator[int | ValueError]
    looks: int = 0
    all_seen: threading.Event = field(default_factory=threading.Event)

    def beat(self) -> int:
        """Forty seconds go by until each look."""
        self.looks += 1
        sign = next(self.signs, None)
        if isinstance(sign, ValueError):
            raise sign
        if sign is None:
            self.all_seen.set()
            return 1000 + self.looks
        return sign


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    found = Stage(iter(()))
    clock = SimpleNamespace(monotonic=lambda: 40.0 * found.looks)
    monkeypatch.setattr("components.shared.nodes.node.time", clock)
    return found


def test_a_node_ends_where_its_stage_is_gone(stage: Stage) -> None:
    stage.signs = repeat(1)
    with (
        ended_by_sigterm(),
        pytest.raises(SystemExit),
        ended_without(stage.beat, 0.001, lost=100),
    ):
        time.sleep(60)
    assert stage.looks == 4, "the first sign, then 40, 80 and 120 seconds of silence"


def test_a_node_works_on_while_its_stage_lives(stage: Stage) -> None:
    # A hundred seconds without a sign are too many, unless nobody could look for one.
    away = ValueError("the store is away")
    stage.signs = iter((1, 1, 1, 2, 2, 2, away, 3, 3))
    with ended_by_sigterm(), ended_without(stage.beat, 0.001, lost=100):
        assert stage.all_seen.wait(60)
