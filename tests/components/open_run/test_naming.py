from datetime import UTC, datetime

from components.open_run.naming import told_apart

NOW = datetime(2026, 11, 26, 14, 5, 59, tzinfo=UTC)


def test_a_run_named_after_its_preset_has_its_start() -> None:
    assert told_apart("quickstart", "quickstart", False, NOW) == "quickstart 2026-11-26 14:05"


def test_a_name_that_a_person_gave_stays_as_it_is() -> None:
    assert told_apart("wide margin", "quickstart", False, NOW) == "wide margin"


def test_a_name_that_a_schedule_gives_each_of_its_runs_has_their_start() -> None:
    assert told_apart("weekly", "paper", True, NOW) == "weekly 2026-11-26 14:05"
