from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import CLASSES, write_space

from components.shared.artifacts.label_space import read_label_space, targets
from components.shared.baselines.scoring import ranker_of, scorer_of, vector_labels


def test_the_best_labels_come_first_and_equal_ones_in_their_order() -> None:
    found = scorer_of(["a", "b", "c"], lambda outputs: outputs)(
        torch.tensor([[0.1, 3.0, 2.0], [5.0, -1.0, 5.0]])
    )
    assert found.wnids.shape == found.scores.shape == (2, 20)
    assert found.wnids[:, :3].tolist() == [["b", "c", "a"], ["a", "c", "b"]]
    assert found.scores[0, :3].tolist() == pytest.approx([3.0, 2.0, 0.1])
    assert set(found.wnids[:, 3:].ravel()) == {None}
    assert np.isnan(found.scores[:, 3:]).all()


def test_many_labels_are_ranked_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = torch.randn(11, 30, generator=torch.manual_seed(0))
    names = [f"n{number:02d}" for number in range(30)]
    at_once = scorer_of(names, lambda block: block)(outputs)
    monkeypatch.setattr("components.shared.baselines.scoring._BLOCK_BYTES", 3 * 16 * 30)
    rows: list[int] = []

    def score(block: torch.Tensor) -> torch.Tensor:
        rows.append(len(block))
        return block

    in_blocks = scorer_of(names, score)(outputs)
    assert rows == [3, 3, 3, 2]
    assert (in_blocks.wnids == at_once.wnids).all()
    assert (in_blocks.scores == at_once.scores).all()


def test_of_no_labels_or_images_the_answer_is_empty() -> None:
    assert (scorer_of([], lambda outputs: outputs)(torch.ones(2, 1)).wnids == None).all()  # noqa: E711
    assert scorer_of(["a"], lambda outputs: outputs)(torch.ones(0, 1)).wnids.shape == (0, 20)


def test_a_score_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="score is not finite"):
        scorer_of(["a"], lambda outputs: outputs)(torch.tensor([[float("nan")]]))


def test_a_ranker_gives_the_labels_and_no_cosines() -> None:
    ranking = ranker_of(scorer_of(["a", "b"], lambda outputs: outputs))(torch.tensor([[1.0, 2.0]]))
    assert ranking.wnids[0, :2].tolist() == ["b", "a"]
    assert np.isnan(ranking.cosines).all()
    assert ranking.scores is not None
    assert ranking.scores[0, :2].tolist() == [2.0, 1.0]


def test_labels_with_one_vector_in_common_share_it_and_those_without_are_left_out(
    tmp_path: Path,
) -> None:
    write_space(tmp_path, 1, "skipgram")
    space = read_label_space(tmp_path)
    found = vector_labels(space, CLASSES)
    assert list(found.wnids) == [
        "n00000002", "n00000003", "n00000004", "n00000005", "n00000006",
    ]  # fmt: skip
    assert len(found.vectors) == 4
    assert (found.vectors[found.vector_of] == targets(space, found.wnids)).all()
    assert found.vector_of[0] == found.vector_of[4], "two labels are called crane"
    assert vector_labels(space, ["n00000007"]).wnids == ()
