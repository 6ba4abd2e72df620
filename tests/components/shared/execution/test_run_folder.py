import json
import os
from pathlib import Path

import pytest

from components.shared.execution.run_folder import (
    FAILURES,
    STARTED,
    TASKS,
    copy_linked,
    finished_folder,
    leave,
    read_json,
    record_failure,
    records,
    run_folder,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


def test_on_a_cluster_there_is_no_folder_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (run_folder(), finished_folder()) == (None, None)
    leave(TASKS, "stage", {})
    assert list(tmp_path.iterdir()) == []


def test_finished_stages_lie_in_the_runs_folder_or_in_one_that_runs_share(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (run_folder(), finished_folder()) == (folder, folder / "stages")
    monkeypatch.setenv("DEVISE_STAGES_DIR", "shared")
    assert finished_folder() == Path("shared")


def test_what_is_left_is_read_back_by_kind_in_the_order_of_the_names(folder: Path) -> None:
    leave(TASKS, "b", {"task": "second"})
    leave(TASKS, "a", {"task": "first"})
    leave(STARTED, "a", {"task": "another kind"})
    assert records(folder, TASKS) == [{"task": "first"}, {"task": "second"}]
    assert records(folder, FAILURES) == []


def test_what_is_left_twice_is_replaced(folder: Path) -> None:
    leave(TASKS, "a", {"attempt": 1})
    leave(TASKS, "a", {"attempt": 2})
    assert records(folder, TASKS) == [{"attempt": 2}]


def test_a_failure_is_left_with_its_sentence_and_goes_on(folder: Path) -> None:
    with pytest.raises(KeyError), record_failure("evaluate"):
        raise KeyError("no such key")
    (failure,) = records(folder, FAILURES)
    assert (failure["task"], failure["type"]) == ("evaluate", "KeyError")
    assert failure["message"] == "'no such key'"
    assert failure["traceback"].startswith("Traceback")
    assert failure["time"] > 0


def test_an_interruption_is_no_failure_nor_is_success(folder: Path) -> None:
    with record_failure("evaluate"):
        pass
    assert records(folder, FAILURES) == []
    with pytest.raises(KeyboardInterrupt), record_failure("evaluate"):
        raise KeyboardInterrupt
    assert records(folder, FAILURES) == []


def test_a_folder_and_a_file_are_copied_by_links(tmp_path: Path) -> None:
    (tmp_path / "from" / "inner").mkdir(parents=True)
    (tmp_path / "from" / "inner" / "file").write_text("content")
    copy_linked(tmp_path / "from", tmp_path / "deep" / "to")
    copy_linked(tmp_path / "from" / "inner" / "file", tmp_path / "other" / "file")
    for copy in (tmp_path / "deep" / "to" / "inner" / "file", tmp_path / "other" / "file"):
        assert copy.read_text() == "content"
        assert os.path.samefile(copy, tmp_path / "from" / "inner" / "file")


def test_files_of_a_folder_can_be_left_out_by_name(tmp_path: Path) -> None:
    (tmp_path / "from" / "inner").mkdir(parents=True)
    for name in ("kept", "left", "inner/left", "inner/kept"):
        (tmp_path / "from" / name).write_text(name)
    copy_linked(tmp_path / "from", tmp_path / "to", without=["left"])
    copied = {file.relative_to(tmp_path / "to") for file in (tmp_path / "to").rglob("*")}
    assert copied == {Path("kept"), Path("inner"), Path("inner/kept")}


def test_what_cannot_be_linked_is_copied_by_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("content")
    (tmp_path / "two").write_text("as it was")
    copy_linked(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "two").read_text() == "content"
    assert not os.path.samefile(tmp_path / "one", tmp_path / "two")


def test_an_object_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text(json.dumps({"name": "crêpe"}, ensure_ascii=False))
    assert read_json(tmp_path / "file.json") == {"name": "crêpe"}
