from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from components.shared.ranking.largest import largest, largest_by_runs

Way = Callable[[torch.Tensor, int], tuple[torch.Tensor, torch.Tensor]]
WAYS: list[Way] = [largest, largest_by_runs]


@pytest.mark.parametrize("way", WAYS)
@given(
    st.integers(0, 2**32 - 1), st.integers(0, 4), st.integers(1, 500), st.integers(1, 90),
    st.sampled_from([1, 3, 1000]),
)  # fmt: skip
def test_the_largest_are_those_of_a_stable_sort_also_where_many_are_equal(
    way: Way, seed: int, rows: int, columns: int, k: int, different: int
) -> None:
    rng = np.random.default_rng(seed)
    values = torch.from_numpy(rng.integers(-different, different + 1, (rows, columns)) / 8).float()
    values[rng.random((rows, columns)) < 0.1] = -0.0
    expected, order = values.sort(dim=1, descending=True, stable=True)
    found, at = way(values, k)
    assert torch.equal(at, order[:, :k])
    assert torch.equal(found, expected[:, :k])


@pytest.mark.parametrize("way", WAYS)
def test_values_come_back_to_the_last_bit(way: Way) -> None:
    values = torch.randn(5, 3000, generator=torch.Generator().manual_seed(0))
    values[:, 7] = torch.finfo(torch.float32).tiny
    values[:, 8] = -torch.inf
    found, at = way(values, 80)
    assert torch.equal(found, values.gather(1, at))
    assert torch.equal(found, values.sort(dim=1, descending=True).values[:, :80])


@pytest.mark.parametrize("way", WAYS)
def test_what_is_no_number_comes_first_as_in_a_sort(way: Way) -> None:
    values = torch.zeros(1, 400)
    values[0, [9, 399]] = torch.nan
    _, at = way(values, 3)
    assert at.tolist() == [[9, 399, 0]]
