from pathlib import Path

import pytest

from pipeline.results.image_files import image_files


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name in ("b.jpg", "a.JPEG", "deep/c.png", "list.txt", ".hidden.jpg", "Thumbs.db"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"?")
    return folder


def test_a_folder_is_all_that_are_called_as_images_are_by_name(photos: Path) -> None:
    found = image_files([photos])
    names = [file.relative_to(photos).as_posix() for file in found.files]
    assert (names, found.passed_over) == (["a.JPEG", "b.jpg", "deep/c.png"], 1)


def test_a_file_that_is_named_is_taken_whatever_its_name_and_each_once(photos: Path) -> None:
    named = [photos / "list.txt", photos / "b.jpg", photos, photos / "none"]
    names = [file.name for file in image_files(named).files]
    assert names == ["list.txt", "b.jpg", "a.JPEG", "c.png", "none"]


def test_a_folder_without_images_is_refused(photos: Path) -> None:
    (photos / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no image: name a folder"):
        image_files([photos / "empty"])
