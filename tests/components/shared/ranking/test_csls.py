import numpy as np
import pytest
import torch
from twins.csls_loop import csls, mean_of_nearest

from components.shared.artifacts.label_space import unit_norm
from components.shared.ranking import csls as module
from components.shared.ranking.csls import crowding, crowding_of_each, with_one

GENERATOR = np.random.default_rng(5)
VECTORS = unit_norm(GENERATOR.standard_normal((7, 4)))
POINTS = GENERATOR.standard_normal((11, 4)).astype(np.float32) * 3


def blocks(*sizes: int) -> list[torch.Tensor]:
    return list(torch.from_numpy(POINTS).split(list(sizes)))


@pytest.mark.parametrize("k", [1, 3, 11, 50])
def test_a_vector_is_as_crowded_as_the_mean_of_its_nearest_says(k: int) -> None:
    expected = [mean_of_nearest(vector, list(POINTS), k) for vector in VECTORS]
    assert crowding(VECTORS, blocks(11), k) == pytest.approx(expected, abs=1e-6)


def test_blocks_of_images_and_of_vectors_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = crowding(VECTORS, blocks(11), 3)
    monkeypatch.setattr(module, "VECTORS_AT_ONCE", 2)
    assert crowding(VECTORS, blocks(1, 4, 6), 3) == pytest.approx(whole, abs=1e-6)


def test_equal_vectors_are_equally_crowded_to_the_digit() -> None:
    twice = np.concatenate([VECTORS, VECTORS[::-1]])
    found = crowding(twice, blocks(11), 3)
    assert (found[:7] == found[7:][::-1]).all()


def test_several_label_spaces_change_nothing_of_each_other() -> None:
    others = unit_norm(GENERATOR.standard_normal((5, 3)))
    points = [torch.randn(len(block), 3, generator=torch.manual_seed(0)) for block in blocks(4, 7)]
    together = zip(blocks(4, 7), points, strict=True)
    found = crowding_of_each([VECTORS, others], together, 3)
    assert (found[0] == crowding(VECTORS, blocks(4, 7), 3)).all()
    assert (found[1] == crowding(others, points, 3)).all()


def test_the_order_by_csls_is_that_of_its_definition() -> None:
    crowded = crowding(VECTORS, blocks(11), 3)
    augmented = np.column_stack([VECTORS, -crowded / 2])
    images = torch.from_numpy(POINTS[:5])
    found = np.argsort(-(with_one(images).numpy() @ augmented.T), axis=1, kind="stable")
    for image, order in zip(POINTS, found, strict=False):
        scores = [csls(image, vector, list(VECTORS), list(POINTS), 3) for vector in VECTORS]
        assert list(order) == sorted(range(7), key=lambda row: -scores[row])
