from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data.quickstart_classes import KINDS
from pipeline.data.quickstart_images import draw, ellipse, write_images


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three training images of each kind and one held out."""
    monkeypatch.setattr("pipeline.data.quickstart_images.IMAGES", {"train": 3, "val": 1})
    write_images(tmp_path / "images", seed=0)
    return tmp_path / "images"


def test_images_lie_by_split_and_class_and_are_named_by_both(folder: Path) -> None:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")}
    assert found == {
        f"{split}/{kind.wnid}/{kind.wnid}_{number}.jpg"
        for split, count in (("train", 3), ("val", 1))
        for kind in KINDS
        for number in range(count)
    }


def test_an_image_is_a_small_colour_jpeg(folder: Path) -> None:
    with Image.open(next(folder.rglob("*.jpg"))) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (64, 64), "RGB")


def test_held_out_images_are_no_training_images(folder: Path) -> None:
    contents = [path.read_bytes() for path in folder.rglob("*.jpg")]
    assert len(set(contents)) == len(contents)


def test_images_of_a_class_differ() -> None:
    pictures = [np.asarray(draw(KINDS[0], np.random.default_rng(i))) for i in range(2)]
    assert np.abs(pictures[0].astype(float) - pictures[1]).mean() > 5


def test_one_generator_draws_the_same_picture_twice() -> None:
    one, again = (np.asarray(draw(KINDS[3], np.random.default_rng(7))) for _ in range(2))
    assert (one == again).all()


def test_colours_can_be_told_apart() -> None:
    """On average over many pictures a red shape is redder than a blue one of its family."""
    red, blue = (
        next(kind for kind in KINDS if (kind.family, kind.colour) == ("flower", colour))
        for colour in ("red", "blue")
    )
    means = [
        np.mean([np.asarray(draw(kind, np.random.default_rng(n)))[24:40, 24:40] for n in range(40)],
                axis=(0, 1, 2))
        for kind in (red, blue)
    ]  # fmt: skip
    assert means[0][0] > means[1][0] + 20
    assert means[1][2] > means[0][2] + 20


def test_an_ellipse_is_drawn_around_its_centre() -> None:
    points = np.array(ellipse(1.0, 2.0, 3.0, 0.5))
    assert points.mean(axis=0) == pytest.approx([1, 2])
    assert points[:, 0].max() == pytest.approx(4)
    assert points[:, 1].max() == pytest.approx(2.5)
    turned = np.array(ellipse(0.0, 0.0, 3.0, 0.5, np.pi / 2))
    assert np.ptp(turned, axis=0) == pytest.approx([1, 6])
