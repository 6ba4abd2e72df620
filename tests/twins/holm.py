"""Holm's step-down procedure, a rejection at a time, and the lowest level that it rejects at."""

from collections.abc import Sequence


def rejected(ps: Sequence[float], level: float) -> set[int]:
    """Which tests are rejected at a level: the smallest p of those left, as long as one is."""
    left = dict(enumerate(ps))
    found: set[int] = set()
    while left:
        number = min(left, key=lambda one: left[one])
        if len(left) * left[number] > level:
            break
        found.add(number)
        del left[number]
    return found


def adjusted(ps: Sequence[float]) -> list[float]:
    """Of each test the lowest level at which it is rejected, at most 1."""
    levels = sorted({times * p for times in range(1, len(ps) + 1) for p in ps})
    return [
        min(1.0, next(level for level in levels if number in rejected(ps, level)))
        for number in range(len(ps))
    ]
