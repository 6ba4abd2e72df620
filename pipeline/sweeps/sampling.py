"""Which settings a sweep tries: every combination, or some drawn at random."""

import itertools
import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.shared.settings.table import known

ATTEMPTS = 100
"""Draws for each trial wanted, after which there seem to be no others."""


@dataclass(frozen=True)
class Range:
    """Numbers from one to another, both included.

    Attributes:
        low: The smallest.
        high: The largest.
        is_log: Whether each factor of ten is as likely as another.
    """

    low: float
    high: float
    is_log: bool = False


Space = Mapping[str, tuple[Any, ...] | Range]
"""What each setting may be: one of some values, or a number of a range."""


def grid(space: Mapping[str, tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Every combination, the last setting changing fastest."""
    return [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]


def drawn(space: Space, trials: int, seed: int) -> list[dict[str, Any]]:
    """Different combinations at random; more trials of a seed begin with those of fewer.

    Raises:
        ValueError: There are not so many different ones.
    """
    draws = random.Random(seed)
    found: dict[str, dict[str, Any]] = {}
    for _ in range(trials * ATTEMPTS):
        one = {name: _draw(name, space[name], draws) for name in space}
        found.setdefault(json.dumps(one), one)
        if len(found) == trials:
            return list(found.values())
    raise ValueError(
        f"allows {len(found)} different trials, and {trials} are wanted: lower trials, or give "
        "more values."
    )


def _draw(name: str, choices: tuple[Any, ...] | Range, draws: random.Random) -> Any:
    if isinstance(choices, tuple):
        return draws.choice(choices)
    if known(name).info.annotation is int and not choices.is_log:
        return draws.randint(math.ceil(choices.low), math.floor(choices.high))
    if choices.is_log:
        value = math.exp(draws.uniform(math.log(choices.low), math.log(choices.high)))
    else:
        value = draws.uniform(choices.low, choices.high)
    if known(name).info.annotation is int:
        return round(value)
    # Four digits: settings that can be read, and never outside the range.
    return min(max(float(f"{value:.4g}"), choices.low), choices.high)
