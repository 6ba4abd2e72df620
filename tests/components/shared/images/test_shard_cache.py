import fcntl
import os
import threading
from pathlib import Path

import pytest

from components.shared.images import shard_cache
from components.shared.images.shard_cache import (
    FOLDER,
    MOST_BYTES,
    alone,
    cache_folder,
    hold,
    mark_as_used,
    most_bytes,
    room_for,
)


@pytest.fixture(autouse=True)
def room_for_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MOST_BYTES, "350")


def put(folder: Path, name: str, size: int = 100) -> Path:
    """Make a copy as whoever fetches one does."""
    file = folder / f"{name}.shard"
    with alone(folder, name), room_for(folder, size):
        file.write_bytes(bytes(size))
    mark_as_used(file)
    return file


def names(folder: Path) -> str:
    return "".join(sorted(file.stem for file in folder.glob("*.shard")))


def test_the_cache_folder_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, "/somewhere")
    assert cache_folder() == Path("/somewhere")


def test_half_of_the_disk_is_the_caches_where_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MOST_BYTES)
    status = os.statvfs(tmp_path)
    free = status.f_bavail * status.f_frsize
    assert 0.4 * free < most_bytes(tmp_path) < 0.6 * free


def test_what_is_no_number_of_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MOST_BYTES, "10Gi")
    with pytest.raises(ValueError, match="DEVISE_CACHE_BYTES is '10Gi': give a whole number"):
        most_bytes(tmp_path)


def test_what_was_used_longest_ago_is_removed_for_what_is_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shard_cache, "SECONDS_BETWEEN_MARKS", 0.0)
    for name in "abc":
        put(tmp_path, name)
    assert names(tmp_path) == "abc"
    assert capsys.readouterr().out == ""
    mark_as_used(tmp_path / "a.shard")
    put(tmp_path, "d")
    assert names(tmp_path) == "acd"
    put(tmp_path, "e", size=200)
    assert names(tmp_path) == "de"
    assert capsys.readouterr().out.count("for copies of shards in") == 1


def test_a_copy_that_is_removed_is_read_to_its_end_by_who_has_it_open(tmp_path: Path) -> None:
    with put(tmp_path, "a").open("rb") as stream:
        put(tmp_path, "b", size=350)
        assert names(tmp_path) == "b"
        assert len(stream.read()) == 100


def test_a_shard_that_no_room_is_enough_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shard of 351 bytes finds no room .* scratch"):
        put(tmp_path, "a", size=351)


def test_a_copy_that_a_process_holds_stays(tmp_path: Path) -> None:
    hold(put(tmp_path, "a"))
    put(tmp_path, "b")
    put(tmp_path, "c", size=200)
    assert names(tmp_path) == "ac"
    with pytest.raises(ValueError, match=r"no room among the 350 .* beside those in use: give"):
        put(tmp_path, "d", size=300)


def test_room_that_others_keep_is_waited_for(tmp_path: Path) -> None:
    put(tmp_path, "a")
    with room_for(tmp_path, 300):
        assert names(tmp_path) == ""
        other = threading.Thread(target=put, args=(tmp_path, "b"))
        other.start()
        other.join(0.2)
        assert other.is_alive()
    other.join(10)
    assert names(tmp_path) == "b"


def test_room_that_a_killed_process_kept_is_given_back(tmp_path: Path) -> None:
    left = tmp_path / ".reserved-of-a-killed-one"
    left.write_bytes(bytes(300))
    with left.open("rb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert shard_cache._held(tmp_path) == 300
    put(tmp_path, "a", size=200)
    assert not left.exists()
    assert names(tmp_path) == "a"
