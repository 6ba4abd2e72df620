from pathlib import Path

import pytest

from components.shared.images.places import Files, Place


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


def test_a_place_beyond_the_file_is_our_own_mistake(tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(b"one")
    with pytest.raises(AssertionError, match="of another shard"):
        Files().read(Place(str(file), 2, 3))
