from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from components.shared.artifacts.label_space import LabelSpace
from components.train_devise.training_labels import training_labels, with_targets


def space(rows: Sequence[int], vectors: np.ndarray | None = None) -> LabelSpace:
    wnids = [f"n{number}" for number in range(len(rows))]
    labels = pd.DataFrame({"wnid": wnids, "target_row": rows})
    candidates = pd.DataFrame({"set": "seen", "wnid": wnids})
    table = np.eye(4, dtype=np.float32) if vectors is None else vectors
    return LabelSpace(labels, candidates, pd.DataFrame(), table, {})


def test_synsets_that_share_a_term_share_one_target() -> None:
    labels = training_labels(space([2, 0, 2, -1]))
    assert labels.targets.tolist() == np.eye(4)[[2, 0]].tolist()
    assert labels.target_of == {"n0": 0, "n1": 1, "n2": 0}
    assert labels.without_vector == ("n3",)


def test_equal_vectors_of_different_terms_are_one_negative() -> None:
    labels = training_labels(space([0, 1, 2], np.array([[1, 0], [0, 1], [1, 0]], np.float32)))
    assert len(labels.targets) == 2


def test_images_of_a_label_without_a_vector_are_left_out() -> None:
    frame = pd.DataFrame({"wnid": ["n0", "n3", "n1", "n2"]})
    kept, rows = with_targets(frame, training_labels(space([2, 0, 2, -1])))
    assert list(kept["wnid"]) == ["n0", "n1", "n2"]
    assert rows.tolist() == [0, 1, 0]


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(ValueError, match="No seen label has a vector"):
        training_labels(space([-1, -1]))
    with pytest.raises(ValueError, match="No training image"):
        with_targets(pd.DataFrame({"wnid": ["n3"]}), training_labels(space([0, 1, 2, -1])))
