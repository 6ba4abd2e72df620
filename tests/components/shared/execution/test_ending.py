import os
import signal

import pytest

from components.shared.execution.ending import ended_by_sigterm


def test_sigterm_ends_the_stage_as_an_exception_does() -> None:
    closed: list[bool] = []

    def work() -> None:
        with ended_by_sigterm():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                closed.append(True)

    with pytest.raises(SystemExit) as end:
        work()
    assert end.value.code == 143
    assert closed
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_worker_of_the_stage_ends_without_closing_what_is_not_its_own() -> None:
    with ended_by_sigterm():
        worker = os.fork()
        if not worker:
            os.kill(os.getpid(), signal.SIGTERM)
        _, status = os.waitpid(worker, 0)
    assert os.waitstatus_to_exitcode(status) == 143


def test_who_listens_already_goes_on_to() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with ended_by_sigterm():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]
