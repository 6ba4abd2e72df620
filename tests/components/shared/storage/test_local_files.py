import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.shared.storage import store
from components.shared.storage.local_files import files_of, status


def found(uri: Path | str) -> list[str]:
    return sorted(state.uri for state in files_of(str(uri)) if state.is_data)


def write(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def test_linked_files_and_folders_are_listed_under_their_links(tmp_path: Path) -> None:
    write(tmp_path, "data/folder/a", "other/b")
    (tmp_path / "data/file").symlink_to(tmp_path / "other/b")
    (tmp_path / "data/linked").symlink_to(tmp_path / "other")
    names = [Path(file).relative_to(tmp_path).as_posix() for file in found(tmp_path / "data")]
    assert names == ["data/file", "data/folder/a", "data/linked/b"]


def test_a_folder_that_is_linked_twice_is_listed_twice(tmp_path: Path) -> None:
    write(tmp_path, "other/b", "data/c")
    for name in ("one", "two"):
        (tmp_path / "data" / name).symlink_to(tmp_path / "other")
    assert found(tmp_path / "data") == [f"{tmp_path}/data/{n}" for n in ("c", "one/b", "two/b")]


@pytest.mark.parametrize("address", ["data", "data/**", "data/../data/**"])
def test_a_link_that_leads_back_is_passed_over_and_told(tmp_path: Path, address: str) -> None:
    write(tmp_path, "data/folder/a")
    (tmp_path / "data/folder/back").symlink_to(tmp_path / "data")
    listed = store.listed(f"{tmp_path}/{address}")
    assert [Path(state.uri).name for state in listed.files] == ["a"]
    assert "folder/back" in listed.passed_over


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ValueError, match=r"gone' is a link that leads nowhere: mend it, or remove"):
        found(tmp_path)


def test_hidden_and_system_files_are_told_and_not_entered(tmp_path: Path) -> None:
    write(tmp_path, "a/b.txt", ".DS_Store", "a/._b.txt", "__MACOSX/a/._b.txt", "a/Thumbs.db")
    listed = store.listed(str(tmp_path))
    assert [state.uri for state in listed.files] == [f"{tmp_path}/a/b.txt"]
    assert listed.passed_over == [".DS_Store", "__MACOSX", "a/._b.txt", "a/Thumbs.db"]
    assert store.list_files(f"{tmp_path}/*") == [f"{tmp_path}/a/b.txt"]


def test_what_is_named_is_listed_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, ".hidden/a")
    for uri in (f"{tmp_path}/.hidden", f"{tmp_path}/.hidden/a", f"{tmp_path}/.hidden/*"):
        assert store.list_files(uri) == [f"{tmp_path}/.hidden/a"]


def test_a_folder_of_hidden_files_alone_has_no_file(tmp_path: Path) -> None:
    write(tmp_path, ".DS_Store")
    for ask in (store.first_file, store.listed):
        with pytest.raises(ValueError, match="names no file"):
            ask(str(tmp_path))


def test_what_is_no_plain_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket")
        assert store.listed(".").passed_over == ["socket"]


def test_a_name_with_a_patterns_characters_is_taken_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, "a[b]/x", "ab/x")
    assert found(tmp_path / "a[b]") == [f"{tmp_path}/a[b]/x"]


@pytest.mark.parametrize("end", ["", "/", "//"])
def test_addresses_begin_with_the_folder_as_it_was_given(tmp_path: Path, end: str) -> None:
    write(tmp_path, "x")
    assert found(f"{tmp_path}{end}") == [f"{tmp_path}/x"]


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder below another; root, who may enter every folder, may not enter this one."""
    scandir, status_of = os.scandir, os.stat
    folder = write(tmp_path, "data/locked/x", "data/a") / "data"

    def no_scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def no_stat(path: str, **others: Any) -> os.stat_result:
        if "locked/" in str(path):
            raise PermissionError(13, "Permission denied")
        return status_of(path, **others)

    monkeypatch.setattr(os, "scandir", no_scandir)
    monkeypatch.setattr(os, "stat", no_stat)
    yield folder
    monkeypatch.undo()
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_entered_is_named(locked: Path) -> None:
    with pytest.raises(ValueError, match=r"locked' cannot be entered \(Permission denied\)"):
        found(locked)
    for ask in (status, found):
        with pytest.raises(ValueError, match=r"locked/x' cannot be looked at \(Permission denied"):
            ask(f"{locked}/locked/x")


@pytest.mark.parametrize("uri", ["", "a\0b", "x" * 5000])
def test_what_can_be_no_path_is_not_there(uri: str) -> None:
    assert status(uri) is None
    assert found(uri) == []
