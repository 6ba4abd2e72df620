import numpy as np
import pytest

from components.shared.images.grey import bytes_by_range, bytes_of_bits
from components.shared.images.limits import BadImage


def test_sixteen_bits_are_divided_as_they_always_were() -> None:
    every = np.arange(65_536, dtype=np.uint16)
    assert np.array_equal(bytes_of_bits(every, 16), every // 257)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([0, 0.5, 1.0]), [0, 128, 255]),
        (np.array([0, 128.0, 200]), [0, 128, 200]),
        (np.array([0, 257 * 7, 65_535.0]), [0, 7, 255]),
        (np.array([0, 1, 255]), [0, 1, 255]),
        (np.array([0, 257 * 9, 60_000]), [0, 9, 233]),
    ],
)
def test_the_range_of_values_tells_which_is_white(values: np.ndarray, expected: list[int]) -> None:
    assert bytes_by_range(values).tolist() == expected


@pytest.mark.parametrize("values", [[-1, 3], [0, 70_000], [0.0, np.nan], [0.0, np.inf]])
def test_values_of_no_known_range_are_refused_with_their_range(values: list[float]) -> None:
    with pytest.raises(BadImage, match=r"its grey values go from .* nothing says which is white"):
        bytes_by_range(np.array(values))
