from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import CLASSES, SEEN, UNSEEN, write_space

from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.execution.progress import Progress
from components.shared.ranking.rankers import (
    Question,
    Questioned,
    Ranking,
    conse_ranker,
    label_ranker,
    rank_images,
    rankings_of,
    softmax_ranker,
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> LabelSpace:
    folder: Path = tmp_path_factory.mktemp("space")
    write_space(folder, 1, "skipgram")
    return read_label_space(folder)


def listed(ranked: Ranking) -> list[list[str]]:
    return [[wnid for wnid in row if wnid is not None] for row in ranked.wnids]


def conse_by_the_words(
    space: LabelSpace, logits: np.ndarray, candidates: list[str], top: int
) -> list[str]:
    """One image: sum the vectors of the top classes by probability, then sort labels by cosine."""
    chances = np.exp(logits) / np.exp(logits).sum()
    table = space.labels.set_index("wnid")
    best = sorted(range(len(SEEN)), key=lambda number: -chances[number])[:top]
    parts = [(chances[n], table.target_row[SEEN[n]]) for n in best]
    parts = [(chance, row) for chance, row in parts if row >= 0]
    if not parts:
        return []
    total = sum(chance for chance, _ in parts)
    point = sum(chance / total * space.vectors[row] for chance, row in parts)
    order = sorted(range(len(space.terms)), key=lambda row: -float(space.vectors[row] @ point))
    found = [wnid for row in order for wnid in space.terms.wnids[row] if wnid in candidates]
    return list(dict.fromkeys(found))


def test_the_softmax_ranks_its_classes_by_logit() -> None:
    ranked = softmax_ranker(["a", "b", "c"])(torch.tensor([[0.1, 3.0, 2.0], [5.0, -1.0, 5.0]]))
    assert listed(ranked) == [["b", "c", "a"], ["a", "c", "b"]]
    assert ranked.wnids.shape == ranked.cosines.shape == (2, 20)
    assert np.isnan(ranked.cosines).all(), "a softmax ranks by probability"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_logits_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="A logit is not finite"):
        softmax_ranker(["a", "b", "c"])(torch.tensor([[0.1, 3.0, 2.0], [value, 1.0, 2.0]]))


def test_labels_without_a_vector_are_never_ranked(space: LabelSpace) -> None:
    ranked = label_ranker(space, CLASSES)(torch.randn(5, 6, generator=torch.manual_seed(0)))
    assert all(
        sorted(row) == ["n00000002", "n00000003", "n00000004", "n00000005", "n00000006"]
        for row in listed(ranked)
    )


@pytest.mark.parametrize("top", [1, 2, 3, 10])
@pytest.mark.parametrize("candidates", [SEEN, UNSEEN, CLASSES])
def test_conse_agrees_with_its_definition(
    space: LabelSpace, top: int, candidates: list[str]
) -> None:
    logits = np.random.default_rng(top).standard_normal((30, len(SEEN))) * 2
    ranked = conse_ranker(space, SEEN, candidates, top)(torch.from_numpy(logits).float())
    assert listed(ranked) == [conse_by_the_words(space, row, candidates, top) for row in logits]


def test_a_crowded_label_falls_behind_by_half_of_what_it_is_crowded(space: LabelSpace) -> None:
    points = torch.randn(4, 6, generator=torch.manual_seed(1))
    none = np.zeros(len(space.terms), dtype=np.float32)
    plain, same = label_ranker(space, CLASSES)(points), label_ranker(space, CLASSES, none)(points)
    assert listed(same) == listed(plain)
    assert plain.scores is not None
    assert same.scores == pytest.approx(plain.scores, abs=1e-6, nan_ok=True)
    assert np.isnan(same.cosines).all(), "it is no cosine that they are ranked by"
    crowded = np.where(space.terms["wnids"].str[0] == listed(plain)[0][0], 4, 0).astype(np.float32)
    last = label_ranker(space, CLASSES, crowded)(points[:1])
    assert listed(last) == [[*listed(plain)[0][1:], listed(plain)[0][0]]]


def test_conse_by_csls_leaves_an_image_unranked_whose_top_classes_have_no_vector(
    space: LabelSpace,
) -> None:
    logits = torch.tensor([[9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 9.0]])
    none = np.zeros(len(space.terms), dtype=np.float32)
    ranked = conse_ranker(space, SEEN, UNSEEN, 1, none)(logits)
    assert [len(row) for row in listed(ranked)] == [0, 2]
    assert ranked.scores is not None
    assert np.isnan(ranked.scores[0]).all()


def test_conse_leaves_an_image_unranked_whose_top_classes_have_no_vector(space: LabelSpace) -> None:
    logits = torch.tensor([[9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 9.0]])
    assert [len(row) for row in listed(conse_ranker(space, SEEN, UNSEEN, 1)(logits))] == [0, 2]


def test_each_label_has_the_cosine_of_its_nearest_term(space: LabelSpace) -> None:
    points = torch.from_numpy(3 * space.vectors[:2])
    ranked = label_ranker(space, CLASSES)(points)
    near = space.vectors @ space.vectors[0]
    for wnid, cosine in zip(ranked.wnids[0], ranked.cosines[0], strict=True):
        if wnid is None:
            assert np.isnan(cosine)
        else:
            own = [row for row, wnids in enumerate(space.terms["wnids"]) if wnid in wnids]
            assert cosine == pytest.approx(near[own].max(), abs=1e-5)


def test_an_image_that_conse_leaves_out_has_no_cosines(space: LabelSpace) -> None:
    logits = torch.tensor([[9.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 9.0]])
    cosines = conse_ranker(space, SEEN, UNSEEN, 1)(logits).cosines
    assert np.isfinite(cosines).sum(axis=1).tolist() == [0, 2]


def test_candidates_without_any_vector_get_an_empty_answer(space: LabelSpace) -> None:
    assert listed(label_ranker(space, ["n00000007"])(torch.ones(2, 6))) == [[], []]


def test_each_image_passes_the_network_once_and_each_question_gets_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("components.shared.ranking.rankers.IMAGES_RANKED_TOGETHER", 7)
    images = torch.arange(20.0)[:, None]
    seen: list[int] = []

    def network(batch: torch.Tensor) -> torch.Tensor:
        seen.extend(int(value) for value in batch[:, 0])
        return batch

    def rank(outputs: torch.Tensor) -> Ranking:
        return Ranking(outputs.numpy().astype(int).astype(str).astype(object), outputs.numpy())

    even = np.arange(20) % 2 == 0
    late = np.arange(20) > 15
    questions = {"even": Question(even, rank), "late": Question(late, rank)}
    answers = rank_images(network, images.split(3), questions, Progress("test", 20, "images"))
    assert seen == list(range(20))
    assert answers["even"].cosines[:, 0].tolist() == list(range(0, 20, 2))
    assert answers["even"].wnids[:, 0].tolist() == [str(number) for number in range(0, 20, 2)]
    assert answers["late"].wnids[:, 0].tolist() == ["16", "17", "18", "19"]


def test_an_image_is_ranked_in_the_block_that_it_has_among_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("components.shared.ranking.rankers.IMAGES_RANKED_TOGETHER", 8)
    shapes: list[int] = []

    def rank(outputs: torch.Tensor) -> Ranking:
        shapes.append(len(outputs))
        return Ranking(np.full((len(outputs), 1), "n1", dtype=object), outputs.numpy())

    odd = np.arange(20) % 2 == 1
    asked = [Questioned[str](lambda batch: batch, {"odd": Question(odd, rank)})]
    images = torch.arange(20.0)[:, None]
    found = [*rankings_of(asked, images[6:18].split(2), first=6)]
    assert [end for end, _ in found] == [8, 16, 18]
    assert shapes == [4, 4, 2]
    ranked = np.concatenate([answers["odd"].cosines[:, 0] for _, answers in found])
    assert ranked.tolist() == [7, 9, 11, 13, 15, 17]


def test_equal_vectors_share_a_rank_by_the_fixed_order(space: LabelSpace) -> None:
    doubled = replace(space, vectors=space.vectors[[1, 1, 1, 1, 1]])
    points = torch.from_numpy(space.vectors)
    assert len({tuple(row) for row in listed(label_ranker(doubled, CLASSES)(points))}) == 1
