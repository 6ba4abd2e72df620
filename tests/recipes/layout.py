"""Run in a copy of the project in which the recipe for a layout was followed."""

from pathlib import Path

from support.images import find_images

NAMES = ["train/n01440764_18.JPEG", "val/n01440764_3.JPEG"]


def test_its_images_are_found_with_their_classes(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    images = find_images(str(tmp_path)).images
    assert [(image.split, image.wnid) for image in images] == [
        ("train", "n01440764"),
        ("val", "n01440764"),
    ]
