"""How a stage ends on SIGTERM, which a person, a runner and a cluster send: as if it had failed.

Python's own way is to be gone at once; here what has begun is closed, and MLflow told.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STATUS = 128 + signal.SIGTERM


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Make SIGTERM raise SystemExit while the context lasts, where nobody else listens to it."""
    process = os.getpid()

    def end(_number: int, _frame: FrameType | None) -> None:
        # A worker of this process inherits this, and has nothing to close.
        if os.getpid() != process:
            os._exit(STATUS)
        sys.exit(STATUS)

    main = threading.current_thread() is threading.main_thread()
    listens = main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if listens:
        signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if listens:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
