"""What a stage tells the person who waits: lines with rate and time left."""

import time
from collections.abc import Callable, Mapping

LogMetrics = Callable[[Mapping[str, float], int | None], None]
"""Called with metrics by name and a step (None: a final value)."""

SECONDS_BETWEEN_LINES = 10.0


def printable(text: str) -> str:
    r"""The text with control characters, and what is no UTF-8, written out: \x1b, \udce9.

    Names and labels come from outside, and a terminal obeys some characters.
    """
    return "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )


def say(text: str) -> None:
    """Print one line at once, also where the output is a pipe."""
    print(printable(text), flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Progress:
    """Lines such as `train_skipgram: 12,000 of 48,000 words (25%), 9,000 words/s, 4 s left`."""

    def __init__(self, label: str, total: float, unit: str) -> None:
        """Start the clock; `total` is counted in `unit` (0: unknown)."""
        self.label, self.total, self.unit = label, total, unit
        self.started = self.last_line = time.monotonic()
        self.done = 0.0

    def update(self, done: float, note: str = "") -> None:
        """Tell that `done` of the total is ready; prints at most one line every ten seconds."""
        self.done = done
        if time.monotonic() - self.last_line >= SECONDS_BETWEEN_LINES:
            self.last_line = time.monotonic()
            say(self._line(note))

    def finish(self, note: str = "") -> None:
        """Print the last line, with the time that all of it took."""
        elapsed = time.monotonic() - self.started
        rate = self.done / max(elapsed, 1e-9)
        text = f"{self.label}: {self.done:,.0f} {self.unit} in {_duration(elapsed)}"
        say(f"{text} ({rate:,.0f} {self.unit}/s){', ' + note if note else ''}")

    def _line(self, note: str) -> str:
        rate = self.done / max(time.monotonic() - self.started, 1e-9)
        text = f"{self.label}: {self.done:,.0f}"
        if self.total:
            left = _duration((self.total - self.done) / max(rate, 1e-9))
            share = f"({self.done / self.total:.0%})"
            text += (
                f" of {self.total:,.0f} {self.unit} {share}, {rate:,.0f} {self.unit}/s, {left} left"
            )
        else:
            text += f" {self.unit}, {rate:,.0f} {self.unit}/s"
        return f"{text}, {note}" if note else text
