import numpy as np
import pytest

from pipeline.data.quickstart_classes import SORTS
from pipeline.data.quickstart_shapes import SHAPES, ellipse


def test_every_sort_has_a_shape_within_its_square() -> None:
    assert set(SHAPES) == set(SORTS.values())
    for coloured, dark in SHAPES.values():
        assert coloured
        assert dark
        assert all(np.abs(outline).max() <= 1.05 for outline in (*coloured, *dark))


def test_no_two_sorts_look_the_same() -> None:
    assert len({str(coloured) for coloured, _ in SHAPES.values()}) == len(SHAPES)


def test_an_ellipse_is_drawn_around_its_centre() -> None:
    points = np.array(ellipse(1.0, 2.0, 3.0, 0.5))
    assert points.mean(axis=0) == pytest.approx([1, 2])
    assert points[:, 0].max() == pytest.approx(4)
    assert points[:, 1].max() == pytest.approx(2.5)
    turned = np.array(ellipse(0.0, 0.0, 3.0, 0.5, np.pi / 2))
    assert np.ptp(turned, axis=0) == pytest.approx([1, 6])
