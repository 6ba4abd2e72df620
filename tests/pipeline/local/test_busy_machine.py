import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest

from pipeline.local.busy_machine import say_if_busy


@pytest.fixture
def others() -> Iterator[None]:
    """Processes that take all CPUs."""
    with ExitStack() as stack:
        for _ in range(psutil.cpu_count() or 1):
            other = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", "while True: pass"])
            )
            stack.callback(other.kill)
        yield


def test_who_starts_a_run_beside_other_work_is_told_what_helps(
    others: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    say_if_busy()
    said = capsys.readouterr().out
    assert "of this machine's CPUs: with 2 threads" in said
    assert "OMP_NUM_THREADS=1 is faster" in said


def test_one_thread_waits_for_no_other(
    others: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    say_if_busy()
    assert capsys.readouterr().out == ""
