"""Ends a run before its last stage: on a signal, or because a stage failed.

kfp.local knows neither: a signal would end the command and leave its stages at work, and after a
failure it still begins every stage that does not need the one that failed. Here those at work are
ended, and no other begins, so that kfp.local comes to its own end.
"""

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import ParamSpec

P = ParamSpec("P")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 10.0
"""What a stage has to end in by itself."""
NOT_BEGUN = 1


class Stopped(Exception):
    """A signal ended the run; the message is for the person who sent it.

    Attributes:
        number: Of the signal.
    """

    def __init__(self, number: int) -> None:
        """Say which signal, and how to go on."""
        super().__init__(
            f"stopped by {signal.Signals(number).name}: the same command goes on from here."
        )
        self.number = number


@dataclass
class Stopping:
    """Whether the run is to end, and the stages that are at work.

    Attributes:
        number: Of the signal that ends it; 0: none.
        failed: Whether a stage failed.
        held: Descriptors that a stage's process holds as long as it lives.
    """

    number: int = 0
    failed: bool = False
    held: tuple[int, ...] = ()
    _at_work: dict[object, Callable[[bool], None]] = field(default_factory=dict)

    @property
    def is_set(self) -> bool:
        """Whether no other stage begins."""
        return bool(self.number) or self.failed

    @contextmanager
    def working(self, end: Callable[[bool], None]) -> Iterator[None]:
        """A stage is at work while the context lasts.

        Args:
            end: Ends it; given whether at once.
        """
        mark = object()
        self._at_work[mark] = end
        try:
            if self.is_set:
                end(False)
            yield
        finally:
            del self._at_work[mark]

    def on_signal(self, number: int, _frame: FrameType | None = None) -> None:
        """End the run; a second signal ends the stages at once."""
        again, self.number = bool(self.number), self.number or number
        self.end(at_once=again)

    def on_failure(self) -> None:
        """End the run since one of its stages failed."""
        self.failed = True
        self.end()

    def end(self, at_once: bool = False) -> None:
        """End the stages that are at work: by themselves, or where that takes long, at once.

        One may raise, which interrupts what this thread is at, once all others are told.
        """
        with ExitStack() as told:
            if not at_once:
                # Called last; those that have ended by then take themselves out meanwhile.
                told.callback(self._end_later)
            for end in list(self._at_work.values()):
                told.callback(end, at_once)

    def _end_later(self) -> None:
        if self._at_work:
            later = threading.Timer(GRACE_SECONDS, self.end, [True])
            later.daemon = True
            later.start()


_current = Stopping()


def current() -> Stopping:
    """Of the run that this process is at."""
    return _current


@contextmanager
def stoppable(held: tuple[int, ...] = ()) -> Iterator[Stopping]:
    """A run that signals end while the context lasts.

    Args:
        held: Descriptors that its stages' processes hold as long as they live.

    Raises:
        Stopped: A signal came, once everything that was at work has ended.
    """
    global _current
    before, _current = _current, Stopping(held=held)
    try:
        with _listening(_current.on_signal):
            yield _current
        if _current.number:
            raise Stopped(_current.number)
    finally:
        _current = before


@contextmanager
def _listening(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    # Python lets no other thread listen, and who ignores a signal, as nohup does, goes on to.
    main = threading.current_thread() is threading.main_thread()
    heard = [n for n in SIGNALS if main and signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, handled in before.items():
            with suppress(TypeError):
                signal.signal(number, handled)


def ends_the_run(task: Callable[P, int]) -> Callable[P, int]:
    """What runs a task and returns its exit status: not begun once the run ends, which it may."""

    @functools.wraps(task)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> int:
        if current().is_set:
            return NOT_BEGUN
        status = task(*args, **kwargs)
        if status:
            current().on_failure()
        return status

    return guarded
