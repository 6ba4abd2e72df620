import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from pipeline.local import stopping
from pipeline.local.stopping import NOT_BEGUN, Stopped, current, ends_the_run, stoppable


def send(
    end: Callable[[bool], None], *numbers: int, then: Callable[[], object] = lambda: None
) -> None:
    """Send signals to a run that is at work, and end it when `then` is over."""
    with stoppable(), current().working(end):
        for number in numbers:
            os.kill(os.getpid(), number)
        then()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_what_is_at_work_and_then_the_run(number: signal.Signals) -> None:
    ended: list[bool] = []
    before = signal.getsignal(number)
    with pytest.raises(Stopped, match=f"by {number.name}: the same command goes on") as stopped:
        send(ended.append, number)
    assert stopped.value.number == number
    assert ended == [False]
    assert signal.getsignal(number) is before
    assert not current().is_set


def test_a_second_signal_ends_it_at_once() -> None:
    ended: list[bool] = []
    with pytest.raises(Stopped):
        send(ended.append, signal.SIGTERM, signal.SIGINT)
    assert ended == [False, True]


def stubborn() -> tuple[list[bool], threading.Event, Callable[[bool], None]]:
    """What ends at once alone: how it was told to, when it has ended, and what tells it."""
    ended: list[bool] = []
    killed = threading.Event()

    def end(at_once: bool) -> None:
        ended.append(at_once)
        if at_once:
            killed.set()

    return ended, killed, end


def test_what_does_not_end_by_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "GRACE_SECONDS", 0.01)
    ended, killed, end = stubborn()
    with pytest.raises(Stopped):
        send(end, signal.SIGTERM, then=lambda: killed.wait(20))
    assert ended == [False, True]


def test_what_a_signal_interrupts_keeps_it_from_nothing_else_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping, "GRACE_SECONDS", 0.01)
    ended, killed, end = stubborn()

    def interrupt(at_once: bool) -> None:
        if not at_once:
            raise KeyboardInterrupt

    with stoppable() as run, run.working(interrupt), run.working(end), run.working(interrupt):
        with pytest.raises(KeyboardInterrupt):
            run.end()
        assert killed.wait(20)
    assert ended == [False, True]


def test_who_ignores_a_signal_goes_on_to() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable() as run:
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.01)
            assert not run.is_set
    finally:
        signal.signal(signal.SIGHUP, before)


def test_after_a_failure_no_task_begins_and_those_at_work_are_ended() -> None:
    begun: list[str] = []
    ended: list[bool] = []

    @ends_the_run
    def task(name: str, status: int) -> int:
        begun.append(name)
        return status

    with stoppable(), current().working(ended.append):
        assert task("first", 0) == 0
        assert task("second", 7) == 7
        assert task("third", 0) == NOT_BEGUN
    assert begun == ["first", "second"]
    assert ended == [False]


def test_what_begins_while_the_run_ends_is_ended_too() -> None:
    ended: list[bool] = []
    with stoppable() as run:
        run.on_failure()
        with run.working(ended.append):
            assert ended == [False]
