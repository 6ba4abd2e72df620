import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.shared.storage import local


def found(uri: Path | str) -> list[str]:
    return sorted(state.uri for state in local.states(str(uri)))


def test_size_and_time_are_those_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"123")
    os.utime(tmp_path / "x", ns=(1, 2_000))
    (state,) = local.states(str(tmp_path / "x"))
    assert (state.uri, state.size, state.mark) == (str(tmp_path / "x"), 3, "2000")


def test_files_behind_links_count_and_linked_folders_do_not(tmp_path: Path) -> None:
    (tmp_path / "data/folder").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for name in ("data/folder/a", "other/b"):
        (tmp_path / name).touch()
    (tmp_path / "data/file").symlink_to(tmp_path / "other/b")
    (tmp_path / "data/linked").symlink_to(tmp_path / "other")
    (tmp_path / "data/broken").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path / "data") == [f"{tmp_path}/data/file", f"{tmp_path}/data/folder/a"]


def test_a_name_with_a_patterns_characters_is_taken_as_it_is(tmp_path: Path) -> None:
    for folder in ("a[b]", "ab"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x").touch()
    assert found(tmp_path / "a[b]") == [f"{tmp_path}/a[b]/x"]


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_addresses_begin_with_the_folder_as_it_was_given(tmp_path: Path, end: str) -> None:
    (tmp_path / "x").touch()
    assert found(f"{tmp_path}{end}") == [f"{tmp_path}/x"]


def test_a_folder_that_cannot_be_entered_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refusing(folder: str) -> Iterator[os.DirEntry[str]]:
        if folder.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    (tmp_path / "locked").mkdir()
    # Root may enter every folder.
    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(ValueError, match=r"locked' cannot be entered \(Permission denied\)"):
        found(tmp_path)


def test_nothing_is_not_the_working_folder() -> None:
    assert found("") == []
