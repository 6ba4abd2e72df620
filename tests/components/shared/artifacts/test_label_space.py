from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.shared.artifacts.label_space import (
    LabelSpace,
    Words,
    members,
    read_label_space,
    read_words,
    target_rows,
    targets,
    unit_norm,
    write_label_space,
    write_words,
)


@pytest.fixture
def space() -> LabelSpace:
    labels = pd.DataFrame(
        {
            "wnid": ["n1", "n2"],
            "role": ["seen", "unseen"],
            "terms": [["crane", "bird"], ["head"]],
            "target_term": ["crane", ""],
            "target_source": ["first_term", "none"],
            "target_row": [0, -1],
        }
    )
    candidates = pd.DataFrame({"set": ["seen", "unseen"], "wnid": ["n1", "n2"]})
    terms = pd.DataFrame(
        {"row": [0], "term": ["crane"], "count": [7], "source": ["term"], "wnids": [["n1"]]}
    )
    vectors = np.array([[0.6, 0.8]], dtype=np.float32)
    return LabelSpace(labels, candidates, terms, vectors, {"kind": "skipgram"})


def test_a_label_space_is_read_as_it_was_written(space: LabelSpace, tmp_path: Path) -> None:
    write_label_space(tmp_path / "space", space)
    read = read_label_space(tmp_path / "space")
    for name in ("labels", "candidates", "terms"):
        pd.testing.assert_frame_equal(getattr(read, name), getattr(space, name), check_dtype=False)
    assert (read.vectors == space.vectors).all()
    assert read.facts == space.facts


def test_words_are_read_as_they_were_written(tmp_path: Path) -> None:
    words = Words(
        pd.DataFrame({"row": [0], "term": ["crane"], "count": [7]}), np.ones((1, 2), "f2")
    )
    write_words(tmp_path, words)
    assert read_words(tmp_path).words.equals(words.words)
    assert read_words(tmp_path).vectors.dtype == np.float16


def test_targets_are_the_rows_of_the_labels(space: LabelSpace) -> None:
    assert targets(space, ["n1"]).tolist() == space.vectors.tolist()
    assert target_rows(space, ["n2", "n1"]).tolist() == [-1, 0]
    assert members(space, "seen") == ["n1"]


def test_what_the_space_does_not_have_is_named(space: LabelSpace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'hops'; it has seen, unseen"):
        members(space, "hops")
    with pytest.raises(ValueError, match="n2 has no vector"):
        targets(space, ["n2"])
    with pytest.raises(ValueError, match="n9 is no label"):
        target_rows(space, ["n9"])
    with pytest.raises(ValueError, match=r"labels\.parquet is missing"):
        read_label_space(tmp_path)


def test_unit_norm_leaves_a_zero_vector_alone() -> None:
    assert unit_norm(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist() == pytest.approx(
        np.array([[0.6, 0.8], [0, 0]])
    )
