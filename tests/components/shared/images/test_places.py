from pathlib import Path

import pytest
from support.shards import write_shard

from components.shared.images.places import Files, Place
from components.shared.storage.store import upload


def test_a_place_is_its_bytes_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(b"onetwothree")
    files = Files()
    assert [files.read(Place(str(file), *at)) for at in ((3, 3), (0, 3))] == [b"two", b"one"]


def test_a_file_stays_open_though_its_name_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(b"one")
    files = Files()
    files.read(Place(str(file), 0, 3))
    file.unlink()
    assert files.read(Place(str(file), 0, 3)) == b"one"


def test_a_copy_that_was_removed_for_others_is_fetched_again(
    tmp_path: Path, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CACHE", str(tmp_path / "cache"))
    shard = write_shard(tmp_path, b"onetwothree")
    upload(shard, f"{s3}/{shard.name}")
    copy, files = tmp_path / "cache" / shard.name, Files()
    place = Place(str(copy), 3, 3, f"{s3}/{shard.name}")
    assert files.read(place) == b"two"
    copy.unlink()
    assert files.read(place) == b"two"


def test_a_place_beyond_the_file_is_our_own_mistake(tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(b"one")
    with pytest.raises(AssertionError, match="of another shard"):
        Files().read(Place(str(file), 2, 3))
