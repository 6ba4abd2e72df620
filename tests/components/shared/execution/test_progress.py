import subprocess
import sys
from types import SimpleNamespace

import pytest

from components.shared.execution.progress import Progress, say


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(
        "components.shared.execution.progress.time", SimpleNamespace(monotonic=clock)
    )
    return clock


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> "Lines":
    return Lines(capsys)


class Lines:
    """What was said since it was asked last."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self) -> list[str]:
        return self.capsys.readouterr().out.splitlines()


def test_a_line_tells_how_far_it_is_how_fast_and_what_is_left(clock: Clock, lines: Lines) -> None:
    progress = Progress("train_skipgram", 48_000, "words")
    clock.now += 12
    progress.update(12_000)
    assert lines() == ["train_skipgram: 12,000 of 48,000 words (25%), 1,000 words/s, 36 s left"]


def test_there_is_at_most_one_line_in_ten_seconds(clock: Clock, lines: Lines) -> None:
    progress = Progress("stage", 100, "images")
    for second in range(1, 26):
        clock.now += 1
        progress.update(second)
    assert lines() == [
        "stage: 10 of 100 images (10%), 1 images/s, 1 min 30 s left",
        "stage: 20 of 100 images (20%), 1 images/s, 1 min 20 s left",
    ]


def test_without_a_total_nothing_is_said_of_what_is_left(clock: Clock, lines: Lines) -> None:
    progress = Progress("stage", 0, "articles")
    clock.now += 10
    progress.update(5_000, "epoch 1")
    assert lines() == ["stage: 5,000 articles, 500 articles/s, epoch 1"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599, "59 min 59 s"),
     (3600, "1 h 00 min"), (90_061, "25 h 01 min")],
)  # fmt: skip
def test_the_last_line_tells_how_long_it_took(
    clock: Clock, lines: Lines, seconds: float, told: str
) -> None:
    progress = Progress("stage", 0, "images")
    progress.done = 3
    clock.now += seconds
    progress.finish()
    assert lines() == [f"stage: 3 images in {told} ({3 / seconds:,.0f} images/s)"]


def test_a_note_stands_at_the_end_of_the_last_line(clock: Clock, lines: Lines) -> None:
    progress = Progress("stage", 6, "images")
    progress.update(6)
    clock.now += 2
    progress.finish("2 unreadable")
    assert lines() == ["stage: 6 images in 2 s (3 images/s), 2 unreadable"]


def test_what_is_said_into_a_pipe_is_there_at_once() -> None:
    code = (
        "from components.shared.execution.progress import say; import os\n"
        "say('a line'); os._exit(0)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "a line\n"
    say("")


def test_what_a_terminal_would_obey_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    say("red \x1b[31m, Straße\nnext \udce9")
    assert capsys.readouterr().out == "red \\x1b[31m, Straße\nnext \\udce9\n"
