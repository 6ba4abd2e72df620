"""A row of the table of benchmarks, and ways that are measured in turn."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What one thing takes, next to the plain way and to the bound.

    Attributes:
        name: What is done.
        ours: By this project.
        plain: As one does it without; None: there is no such way.
        bound: By the part of the work that nobody can spare; None: unknown.
        unit: Of all three; what ends in "/s" is the better the more it is, all else the less.
    """

    name: str
    ours: float
    plain: float | None
    bound: float | None
    unit: str

    def times(self, other: float | None) -> float | None:
        """How many times as fast ours is."""
        if other is None:
            return None
        return self.ours / other if self.unit.endswith("/s") else other / self.ours


@dataclass(frozen=True)
class Missing:
    """A row that could not be measured here.

    Attributes:
        name: What was to be done.
        reason: What is missing.
    """

    name: str
    reason: str


def in_turn(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The fewest seconds that each way takes, all of them in turn, so many times."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return {name: min(took) for name, took in seconds.items()}
