"""Signs of life: a stage that works says so every few minutes, so that the dead are told apart.

Nothing else tells a stage that waits for its next batch from one whose pod is gone: MLflow keeps a
run RUNNING until somebody ends it, and whoever was killed cannot.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from components.shared.execution.progress import say

SEEN_TAG = "last_seen"
BEAT_SECONDS = 300.0
LOST_SECONDS = 2 * 3600.0
"""Far longer than between two beats: a server that is away for an hour makes no run a lost one."""
_PATIENCE = 5.0


def seen_now() -> dict[str, str]:
    """The tag of a run that is alive now: a time in UTC, as ISO 8601 has it."""
    return {SEEN_TAG: datetime.now(UTC).isoformat(timespec="seconds")}


def is_lost(run: Any, now: float | None = None) -> bool:
    """Whether an MLflow run is RUNNING and gave no sign of life for two hours.

    Args:
        run: As MLflow's client returns it; without the tag its start is its last sign of life.
        now: Seconds since 1970; None: the present.
    """
    seen = run.data.tags.get(SEEN_TAG)
    last = datetime.fromisoformat(seen).timestamp() if seen else run.info.start_time / 1000
    present = time.time() if now is None else now
    return run.info.status == "RUNNING" and present - last > LOST_SECONDS


@contextmanager
def beating(beat: Callable[[], None], seconds: float = BEAT_SECONDS) -> Iterator[None]:
    """Call `beat` every so many seconds, from a thread of its own, while the context lasts.

    Args:
        beat: What it raises is told and hurts nobody: the next beat is the next try.
        seconds: Between two beats; the first comes after as many.
    """

    def work() -> bool:
        try:
            beat()
        except Exception as error:
            # Its text could name the server's address, credentials included.
            say(f"a sign of life did not reach MLflow ({type(error).__name__})")
        return True

    with repeated(work, seconds, "signs-of-life"):
        yield


@contextmanager
def repeated(work: Callable[[], bool], seconds: float, name: str) -> Iterator[None]:
    """Do something every so many seconds, in a thread of its own, while the context lasts.

    Args:
        work: Returns whether it is to be done again.
        seconds: Between two times; the first comes after as many.
        name: The thread's.
    """
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds) and work():
            pass

    thread = threading.Thread(target=repeat, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        # Work that hangs on a server that is away does not keep the stage from ending.
        thread.join(_PATIENCE)
