import numpy as np
import pytest

from components.shared.projection import plane


def two_groups(count: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    centres = np.eye(8)[np.arange(count) % 2]
    vectors: np.ndarray = centres + 0.1 * generator.standard_normal((count, 8))
    units: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units.astype(np.float32)


@pytest.mark.parametrize("count", [4, 30, 120])
def test_places_are_within_the_map_and_the_same_each_time(count: int) -> None:
    places = plane(two_groups(count), seed=3)
    assert places.shape == (count, 2)
    assert places.min() == 0
    assert places.max() == 1
    np.testing.assert_array_equal(places, plane(two_groups(count), seed=3))


@pytest.mark.parametrize("count", [30, 120])
def test_the_nearest_on_the_map_is_of_the_same_group(count: int) -> None:
    places = plane(two_groups(count), seed=0)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    same = distances.argmin(axis=1) % 2 == np.arange(count) % 2
    assert same.mean() > 0.9


def test_equal_vectors_are_no_error() -> None:
    assert np.isfinite(plane(np.ones((12, 4), dtype=np.float32) / 2, seed=0)).all()
