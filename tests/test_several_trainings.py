"""Label vectors of several trainings, as tuning tries them."""

import numpy as np
import pytest
from several_trainings import side_by_side


def test_side_by_side_a_cosine_is_the_mean_of_the_trainings() -> None:
    first = {"n1": np.array([1.0, 0.0]), "n2": np.array([0.6, 0.8]), "n3": np.array([1.0, 0.0])}
    second = {"n1": np.array([0.0, 1.0]), "n2": np.array([0.0, 1.0])}
    found = side_by_side([first, second])
    assert list(found) == ["n1", "n2"]
    assert float(found["n1"] @ found["n2"]) == pytest.approx((0.6 + 1.0) / 2)
