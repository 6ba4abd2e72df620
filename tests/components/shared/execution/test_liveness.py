import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from components.shared.execution.liveness import LOST_SECONDS, SEEN_TAG, beating, is_lost, seen_now

START = datetime(2026, 11, 26, 14, 5, tzinfo=UTC).timestamp()


def run(status: str, seen: str | None = None) -> SimpleNamespace:
    """As MLflow's client returns it, started at START."""
    tags = {SEEN_TAG: seen} if seen else {}
    info = SimpleNamespace(status=status, start_time=int(START * 1000))
    return SimpleNamespace(info=info, data=SimpleNamespace(tags=tags))


def test_a_run_is_lost_two_hours_after_its_last_sign_of_life() -> None:
    seen = "2026-11-26T20:05:00+00:00"
    last = START + 6 * 3600
    assert not is_lost(run("RUNNING", seen), last + LOST_SECONDS - 1)
    assert is_lost(run("RUNNING", seen), last + LOST_SECONDS + 1)


def test_a_run_that_never_gave_one_is_lost_two_hours_after_its_start() -> None:
    assert not is_lost(run("RUNNING"), START + LOST_SECONDS - 1)
    assert is_lost(run("RUNNING"), START + LOST_SECONDS + 1)


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_what_has_ended_is_not_lost(status: str) -> None:
    assert not is_lost(run(status), START + 10 * LOST_SECONDS)


def test_what_is_seen_now_is_not_lost() -> None:
    assert not is_lost(run("RUNNING", seen_now()[SEEN_TAG]))


def test_signs_of_life_are_given_again_and_again_and_end_with_the_work() -> None:
    beats: list[float] = []
    with beating(lambda: beats.append(time.monotonic()), seconds=0.01):
        deadline = time.monotonic() + 5
        while len(beats) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
    given = len(beats)
    assert given >= 3
    time.sleep(0.05)
    assert len(beats) == given


def test_work_shorter_than_a_beat_gives_none() -> None:
    beats: list[int] = []
    with beating(lambda: beats.append(1)):
        pass
    assert beats == []


def test_a_sign_that_does_not_arrive_hurts_nobody_and_the_next_is_tried(
    capsys: pytest.CaptureFixture[str],
) -> None:
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        raise OSError("http://me:hunter2@mlflow does not answer")

    with beating(beat, seconds=0.01):
        deadline = time.monotonic() + 5
        while len(beats) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert len(beats) >= 2
    told = capsys.readouterr().out
    assert "a sign of life did not reach MLflow (OSError)" in told
    assert "hunter2" not in told


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ValueError, match="broken"), beating(lambda: None):
        raise ValueError("broken")
