"""Waits for what another thread or process does."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, a minute at most."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)
