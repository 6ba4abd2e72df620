from pathlib import Path

import pytest

from components.shared.execution import reports


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    return tmp_path


def test_what_a_stage_says_lies_in_the_runs_folder(folder: Path) -> None:
    path = reports.begin("evaluate", "key-1", "abc")
    reports.add(path, {"run": {"tags": {"a": "b"}}})
    reports.add(path, {"end": "FINISHED"})
    heading, lines = reports.read(path)
    assert (heading.task, heading.key, heading.pipeline_run) == ("evaluate", "key-1", "abc")
    assert heading.injected == ""
    assert lines == [{"run": {"tags": {"a": "b"}}}, {"end": "FINISHED"}]
    assert reports.left() == [path]
    assert path.parent == folder / "unsent"


def test_two_reports_of_one_task_are_told_apart(folder: Path) -> None:
    first, second = (reports.begin("evaluate", "key-1", "abc") for _ in range(2))
    assert reports.read(first)[0].mark != reports.read(second)[0].mark


def test_a_line_that_a_kill_cut_off_is_left_out(folder: Path) -> None:
    path = reports.begin("evaluate", "key-1", "abc")
    reports.add(path, {"end": "FINISHED"})
    path.write_text(path.read_text()[:-5])
    assert reports.read(path)[1] == []
    path.write_text("")
    with pytest.raises(ValueError, match="holds no report of a stage"):
        reports.read(path)


def test_a_report_that_somebody_sends_is_held(folder: Path) -> None:
    path = reports.begin("evaluate", "key-1", "abc")
    with reports.alone(path) as first, reports.alone(path) as second:
        assert (first, second) == (True, False)
    with reports.alone(path) as third:
        assert third


def test_without_a_folder_it_lies_elsewhere_and_nothing_is_left() -> None:
    path = reports.begin("evaluate", "key-1", "abc")
    assert path.is_file()
    assert reports.left() == []
