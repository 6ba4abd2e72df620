import os
from pathlib import Path

import pytest

from components.shared.storage import local


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


def test_nothing_is_not_the_working_folder() -> None:
    assert list(local.states("")) == []
