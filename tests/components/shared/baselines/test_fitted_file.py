from pathlib import Path

import numpy as np
import pytest

from components.shared.baselines.dgp import Dgp
from components.shared.baselines.eszsl import Eszsl
from components.shared.baselines.exem import Exem
from components.shared.baselines.fitted_file import read_fitted, write_fitted


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_fitted(tmp_path / "a" / "dgp.safetensors", Dgp(("n1", "n2", "n3"), weights))
    found = read_fitted(Dgp, tmp_path / "a" / "dgp.safetensors")
    assert found.wnids == ("n1", "n2", "n3")
    assert (found.weights == weights).all()


def test_numbers_and_views_of_other_arrays_are_kept(tmp_path: Path) -> None:
    arrays = np.random.default_rng(0).standard_normal((6, 4, 4)).astype(np.float32)
    exem = Exem(arrays[0].T, arrays[1], arrays[2][0], 0.1 + 0.2, arrays[3][0], arrays[4], arrays[5])
    write_fitted(tmp_path / "exem.safetensors", exem)
    found = read_fitted(Exem, tmp_path / "exem.safetensors")
    assert found.width == 0.1 + 0.2
    assert (found.supports == arrays[0].T).all()


def test_a_file_that_is_missing_or_of_another_baseline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"eszsl.safetensors is missing"):
        read_fitted(Eszsl, tmp_path / "eszsl.safetensors")
    write_fitted(tmp_path / "eszsl.safetensors", Eszsl(np.ones((2, 3), np.float32)))
    with pytest.raises(ValueError, match=r"eszsl.safetensors is no Dgp"):
        read_fitted(Dgp, tmp_path / "eszsl.safetensors")
