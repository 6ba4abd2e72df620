"""Work that threads do ahead, its results in order; and for how many of them there is room."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int, ahead: int
) -> Iterator[Result]:
    """Yield what threads make of each item, in the order of the items.

    Args:
        work: Done in a thread; what it raises is raised here.
        items: Taken in this thread, one by one.
        threads: How many work at once.
        ahead: How many items may be under way, or done and not yet taken.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Whoever stops early does not wait for what has not begun.
            for future in waiting:
                future.cancel()


def own_cpus() -> int:
    """Processors that this process may use: all of them where a system, as macOS, keeps no list."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
