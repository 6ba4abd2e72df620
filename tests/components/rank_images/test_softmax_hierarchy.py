import numpy as np
import pytest
import torch
from twins.hierarchy_scores import ranked, softmax_hierarchy_loop

from components.rank_images.hops import hops_between
from components.rank_images.softmax_hierarchy import softmax_hierarchy
from components.shared.ranking.hierarchy import build_hierarchy, hops_to
from components.shared.ranking.rankers import softmax_ranker

CLASSES = ["a", "b", "c", "d", "outside"]
HIERARCHY = build_hierarchy(
    [("pets", "a"), ("pets", "b"), ("top", "pets"), ("top", "c"), ("x", "d")]
)
NEAR = hops_between(HIERARCHY, CLASSES, ["pets", "x"])
HOPS = {label: hops_to(HIERARCHY, label, CLASSES) for label in CLASSES}


def test_a_label_among_likely_ones_goes_before_one_that_stands_alone() -> None:
    # a, b: 2 hops apart; c: 3 from both. 0.3 + 0.3 / 2 = 0.45 for a and b, 0.4 + 0.6 / 2.83 for c.
    logits = torch.log(torch.tensor([[0.3, 0.3, 0.399999, 1e-6, 1e-6]]))
    beta = np.log(2) / 2
    found = softmax_hierarchy(NEAR, beta)(logits)
    assert found.wnids[0, :5].tolist() == ["c", "a", "b", "d", "outside"]
    assert found.scores[0, 0] == pytest.approx(0.4 + 0.6 * 2**-1.5, abs=1e-4)
    assert found.scores[0, 1] == pytest.approx(0.45 + 0.4 * 2**-1.5, abs=1e-4)


@pytest.mark.parametrize("beta", [0.0, 0.4, 0.8, 3.0])
def test_it_agrees_with_its_definition(beta: float) -> None:
    logits = np.random.default_rng(1).standard_normal((40, 5)) * 2
    found = softmax_hierarchy(NEAR, beta)(torch.from_numpy(logits).float())
    for image, row, own in zip(logits, found.wnids, found.scores, strict=True):
        chances = np.exp(image) / np.exp(image).sum()
        scores = softmax_hierarchy_loop(dict(zip(CLASSES, chances, strict=True)), HOPS, beta)
        assert own[:5] == pytest.approx(sorted(scores.values(), reverse=True), abs=1e-6)
        if beta:
            assert row[:5].tolist() == ranked(scores)


def test_with_a_steep_fall_it_is_the_softmax() -> None:
    logits = torch.randn(30, 5, generator=torch.manual_seed(3))
    plain = softmax_ranker(CLASSES)(logits)
    assert (softmax_hierarchy(NEAR, 50.0)(logits).wnids == plain.wnids).all()
