import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.shared.storage import local
from components.shared.storage.atomic import ASIDE


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"123")
    os.utime(tmp_path / "x", ns=(1, 2_000))
    (state,) = local.states(str(tmp_path / "x"))
    assert (state.uri, state.size, state.mark) == (str(tmp_path / "x"), 3, "2000")


def test_a_file_that_this_user_may_not_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").touch()

    def refusing(*_: str) -> None:
        raise PermissionError(13, "Permission denied")

    # Root may read every file.
    monkeypatch.setattr("builtins.open", refusing)
    with (
        pytest.raises(ValueError, match=r"x' cannot be read \(Permission denied\): let this user"),
        local.open_read(str(tmp_path / "x")),
    ):
        pass


def test_a_folder_is_no_file_to_read(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="is no file: check the path"),
        local.open_read(str(tmp_path)),
    ):
        pass


def test_deleting_below_a_folder_leaves_what_is_behind_its_links(tmp_path: Path) -> None:
    for folder in ("kept", "gone/below"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x").touch()
    (tmp_path / "gone/linked").symlink_to(tmp_path / "kept")
    (tmp_path / "gone/.hidden").touch()
    local.delete_below(str(tmp_path / "gone"))
    assert [path for path in (tmp_path / "gone").rglob("*") if path.is_file()] == []
    assert (tmp_path / "kept/x").exists()


def test_deleting_below_a_folder_leaves_what_is_being_written_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    left = tmp_path / f".state.of-a-killed-writer{ASIDE}"
    left.mkdir()
    (left / "state").write_text("half")
    with local.writing(str(tmp_path / "state")) as aside:
        aside.write_text("of another run")
        local.delete_below(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert (tmp_path / "state").read_text() == "of another run"


def test_a_file_that_another_removes_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").touch()
    really = os.walk

    def walked(top: str | Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for place, folders, files in really(top):
            (tmp_path / "x").unlink(missing_ok=True)
            yield str(place), folders, files

    monkeypatch.setattr(os, "walk", walked)
    local.delete_below(str(tmp_path))


def test_nothing_is_not_the_working_folder() -> None:
    assert list(local.states("")) == []
