import math

import numpy as np
import pytest
import torch
from support.settings import unchecked
from twins.cross_entropy_loop import cross_entropy_sum

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.settings.devise import DeviseSettings
from components.train_devise.losses.cross_entropy import (
    SoftLabels,
    cross_entropy_loss,
    hops_between,
    prepare,
    soft_weights,
)
from components.train_devise.losses.problem import Problem

# animal - cat - tabby, animal - cat - lion, animal - dog; stone lies elsewhere.
EDGES = [("animal", "cat"), ("cat", "tabby"), ("cat", "lion"), ("animal", "dog"), ("rock", "stone")]


def hops(*labels: str) -> np.ndarray:
    return hops_between(build_hierarchy(EDGES), {label: row for row, label in enumerate(labels)})


def test_hops_are_counted_between_labels_whatever_lies_between_them() -> None:
    expected = [[0, 2, 3, math.inf], [2, 0, 3, math.inf], [3, 3, 0, math.inf], [math.inf] * 3 + [0]]
    assert hops("tabby", "lion", "dog", "stone").tolist() == expected


def test_of_synsets_that_share_a_vector_the_nearest_counts() -> None:
    shared = hops_between(build_hierarchy(EDGES), {"tabby": 0, "dog": 0, "cat": 1})
    assert shared.tolist() == [[0, 1], [1, 0]]


def test_weights_worked_by_hand() -> None:
    # exp(-beta d) at beta = ln 2: 1, 1/4, 1/8 and nothing for what cannot be reached.
    weights = soft_weights(hops("tabby", "lion", "dog", "stone"), 0.5, math.log(2))
    spread = np.array([1, 1 / 4, 1 / 8, 0]) / (11 / 8)
    assert weights[0] == pytest.approx(0.5 * np.array([1, 0, 0, 0]) + 0.5 * spread, rel=1e-5)
    assert weights.sum(axis=1) == pytest.approx(np.ones(4), rel=1e-5)


def test_without_a_share_the_true_label_has_all_the_weight() -> None:
    assert soft_weights(hops("tabby", "lion", "dog"), 0.0, 0.5).tolist() == np.eye(3).tolist()


def test_a_case_worked_by_hand() -> None:
    # Cosines 0.6 (own) and 0.8 at temperature 0.2: logits 3 and 4.
    loss = SoftLabels(torch.eye(2), torch.eye(2), 0.2)
    value, share = cross_entropy_loss(loss, torch.tensor([[0.6, 0.8]]), torch.tensor([0]))
    assert value.item() == pytest.approx(math.log(1 + math.e), rel=1e-5)
    assert share.item() == 1.0


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_loss_is_that_of_the_plain_loop(share: float) -> None:
    generator = torch.Generator().manual_seed(4)
    drawn = torch.randn(4, 5, generator=generator, dtype=torch.float64)
    targets = torch.nn.functional.normalize(drawn, dim=1)
    points = torch.randn(3, 5, generator=generator, dtype=torch.float64)
    labels = torch.tensor([2, 0, 3])
    between = hops("tabby", "lion", "dog", "stone").astype(np.float64)
    weights = soft_weights(between, share, 0.7)
    soft = SoftLabels(targets, torch.from_numpy(weights), 0.4)
    value, _ = cross_entropy_loss(soft, points, labels)
    looped = [
        cross_entropy_sum(point, int(label), targets, between, share, 0.7, 0.4)
        for point, label in zip(points, labels, strict=True)
    ]
    assert value.dtype == torch.float64
    assert value.item() == pytest.approx(sum(looped) / len(looped), rel=1e-12)


def test_a_step_down_the_loss_brings_the_true_label_and_its_relatives_closer() -> None:
    target_of = {"tabby": 0, "lion": 1, "dog": 2}
    config = unchecked(
        DeviseSettings,
        loss="cross_entropy",
        temperature=0.5,
        soft_label_share=0.8,
        soft_label_beta=1.0,
    )
    loss = prepare(Problem(config, torch.eye(3), target_of, Taxonomy({}, EDGES, "test")))
    point = torch.full((1, 3), 0.1, requires_grad=True)
    loss(point, torch.tensor([0]))[0].backward()
    assert point.grad is not None
    pull = (-point.grad[0]).tolist()
    assert pull[0] > 0 > pull[1] > pull[2]
