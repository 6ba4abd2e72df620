import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data.quickstart_classes import KINDS
from pipeline.data.quickstart_images import COLOURS, SURROUNDINGS, draw, write_images


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


@pytest.mark.parametrize("sort", sorted({kind.sort for kind in KINDS}))
def test_kinds_of_a_sort_are_drawn_in_one_shape(sort: str) -> None:
    """Two of them from one seed differ only where colour and pattern are."""
    one, other = [kind for kind in KINDS if kind.sort == sort][:2]
    stretched = dataclasses.replace(other, slenderness=one.slenderness, pattern=one.pattern)
    first, second = (np.asarray(draw(kind, np.random.default_rng(5))) for kind in (one, stretched))
    same = (first == second).all(axis=2).mean()
    assert 0.3 < same < 1 or one.colour == other.colour


def test_marks_lighten_what_is_black() -> None:
    (starling,) = (kind for kind in KINDS if kind.terms[0] == "starling")
    plain = dataclasses.replace(starling, pattern="plain")
    black = [
        np.mean([np.asarray(draw(kind, np.random.default_rng(n))) < 60 for n in range(30)])
        for kind in (starling, plain)
    ]
    assert black[0] < 0.8 * black[1]


def test_every_colour_and_sort_can_be_drawn() -> None:
    assert {kind.colour for kind in KINDS} == set(COLOURS)
    assert {kind.family for kind in KINDS} == set(SURROUNDINGS)


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
