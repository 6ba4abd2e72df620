"""Inputs with some bytes changed at random, the same each time, and what a reader says of them."""

from collections.abc import Callable, Iterator

import numpy as np


def damaged(whole: bytes, times: int, within: int = 0) -> Iterator[bytes]:
    """Copies of some bytes, each with up to five changed, among the first `within` where given."""
    draws = np.random.default_rng(0)
    for _ in range(times):
        data = np.frombuffer(whole, np.uint8).copy()
        places = draws.integers(0, min(len(data), within or len(data)), draws.integers(1, 6))
        data[places] = draws.integers(0, 256, len(places))
        yield data.tobytes()


def refusal(read: Callable[[], object]) -> str:
    """The sentence of the ValueError that a reader raises; empty: it raises none."""
    try:
        read()
    except ValueError as error:
        return str(error)
    return ""


def is_read_or_refused(read: Callable[[], object], *names: str) -> bool:
    """Whether a reader gives a value, or a sentence that has one of the names."""
    said = refusal(read)
    return not said or any(name in said for name in names)
