"""From values to pixels: linear scales, round ticks, and figures as they are written."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A linear map of values from low to high onto pixels from start to end."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Return round values that span low to high, at least two."""
    if high <= low:
        low, high = low - abs(low) * 0.1 - 1e-3, high + abs(high) * 0.1 + 1e-3
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def whole_ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Return a few whole numbers between low and high."""
    step = max(1, math.ceil((high - low) / about))
    return [float(tick) for tick in range(math.ceil(low), math.floor(high) + 1, step)]


def padded_range(low: float, high: float) -> tuple[float, float]:
    """Return a range that is not empty."""
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours are `gap` apart, in order, between low and high.

    Args:
        places: where the texts would stand.
        gap: smallest distance.
        low: least place.
        high: greatest place; given up only where there are too many texts.
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    moved = list(places)
    lowest = low
    for number in order:
        moved[number] = lowest = max(moved[number], lowest)
        lowest += gap
    highest = max(high, low + gap * (len(places) - 1))
    for number in reversed(order):
        moved[number] = highest = min(moved[number], highest)
        highest -= gap
    return moved


def percent(share: float) -> str:
    """Write a share in per cent, with one decimal."""
    return f"{100 * share:.1f} %"


def written(value: float, as_percent: bool, digits: int = 3) -> str:
    """Write a figure briefly, a share in per cent."""
    return f"{value * 100:.{digits}g} %" if as_percent else f"{value:.{digits}g}"
