"""The part that runs in a task's process; test_processes.py starts it as a run does."""

import io
import json
import sys
from pathlib import Path

import pytest

from components.shared.execution.run_folder import FAILURES, record_failure, records
from pipeline.local import executor


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the run; nothing waits for the end of stdin."""
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["executor", "--function_to_execute", "evaluate"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"inputs": {}}) + "\n"))
    monkeypatch.setattr(executor, "_end_with_parent", lambda: None)
    return tmp_path


def test_a_failure_is_left_once_however_far_the_task_came(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise ValueError("no settings")

    def fails_and_says_so() -> None:
        with record_failure("evaluate-of-mine"):
            raise ValueError("no images")

    for work, expected in ((fails, ["no settings"]), (fails_and_says_so, ["no images"] * 1)):
        monkeypatch.setattr("kfp.dsl.executor_main.executor_main", work)
        monkeypatch.setattr(sys, "stdin", io.StringIO("{}\n"))
        for file in (folder / FAILURES).glob("*"):
            file.unlink()
        assert executor.main() == 1
        assert [failure["message"] for failure in records(folder, FAILURES)] == expected


def test_the_input_comes_by_stdin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr("kfp.dsl.executor_main.executor_main", lambda: given.append([*sys.argv]))
    assert executor.main() == 0
    assert given[0][-2:] == ["--executor_input", '{"inputs": {}}']
