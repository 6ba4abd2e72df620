"""What becomes of a task that fails, and which tasks need no process of their own."""

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.shared.execution.code_version import code_version
from components.shared.execution.run_folder import FAILURES, records
from pipeline.local.executor import execute, execute_here
from pipeline.local.stopping import NOT_BEGUN, Stopped, current, stoppable
from pipeline.local.task import Task

LIGHT = "from components.shared.execution.finished_stages import refuse_work\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the run."""
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    return tmp_path


def task(folder: Path, body: str, function: str = "evaluate") -> Task:
    source = f"{LIGHT}import os, signal, time\ndef {function}():\n    {body}\n"
    given = {"inputs": {}, "outputs": {"outputFile": str(folder / "outputs.json")}}
    return Task(function, source, json.dumps(given))


def test_a_failure_is_left_once_however_far_the_task_came(folder: Path) -> None:
    own = "from components.shared.execution.run_folder import record_failure\n"
    said = f"{own}    with record_failure('evaluate-of-mine'): raise ValueError('no images')"
    for body, expected in (("raise ValueError('no settings')", "no settings"), (said, "no images")):
        for file in (folder / FAILURES).glob("*"):
            file.unlink()
        assert execute(task(folder, body)) == 1
        assert [failure["message"] for failure in records(folder, FAILURES)] == [expected]


def test_a_stage_of_other_code_than_its_command_began_with_is_refused(folder: Path) -> None:
    began = task(folder, f"open({str(folder / 'worked')!r}, 'w').close()")
    source = began.source.replace("evaluate()", "evaluate(code_version: str)")
    for version, status in (("0" * 16, 1), (code_version("evaluate"), 0)):
        inputs = {"parameterValues": {"code_version": version}}
        given = {**json.loads(began.given), "inputs": inputs}
        assert execute(Task("evaluate", source, json.dumps(given))) == status
        assert (folder / "worked").exists() == (status == 0)
    (failure,) = records(folder, FAILURES)
    assert failure["message"].startswith("The code of evaluate was changed after the command")


def test_a_stage_that_has_finished_needs_no_process(folder: Path) -> None:
    assert execute_here(task(folder, "return None")) == 0


def test_one_that_has_to_work_does(folder: Path) -> None:
    assert execute_here(task(folder, "refuse_work()")) is None
    assert not records(folder, FAILURES)


def test_what_is_no_stage_of_ours_always_does(folder: Path) -> None:
    assert execute_here(task(folder, "raise ValueError", "somebodys")) is None


def test_a_signal_interrupts_what_is_done_here(folder: Path) -> None:
    body = f"os.kill({os.getpid()}, signal.SIGTERM); time.sleep(600)"
    with pytest.raises(Stopped) as stopped, stoppable():
        assert execute_here(task(folder, body)) == NOT_BEGUN
    assert stopped.value.number == signal.SIGTERM
    assert not records(folder, FAILURES)


def test_a_signal_while_a_loop_takes_finished_stages_tells_its_others_and_interrupts_no_waiting(
    folder: Path,
) -> None:
    told = threading.Event()

    def other() -> bool:
        with current().working(lambda _at_once: told.set()):
            return told.wait(20)

    def run() -> None:
        body = f"os.kill({os.getpid()}, signal.SIGTERM); time.sleep(0.2)"
        with stoppable(), ThreadPoolExecutor(2) as loop:
            waiting = loop.submit(other)
            assert loop.submit(execute_here, task(folder, body)).result() == 0
            assert waiting.result()

    with pytest.raises(Stopped, match="stopped by SIGTERM"):
        run()
