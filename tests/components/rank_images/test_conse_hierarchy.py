import numpy as np
import pytest
import torch
from twins.hierarchy_scores import conse_hierarchy_loop, ranked

from components.rank_images.conse_hierarchy import conse_hierarchy
from components.rank_images.hops import hops_between
from components.shared.ranking.hierarchy import build_hierarchy, hops_to

CLASSES = ["cat", "dog", "car", "outside"]
UNSEEN = ["wolf", "truck", "far", "nowhere"]
HIERARCHY = build_hierarchy(
    [("pet", "cat"), ("pet", "dog"), ("dog", "wolf"), ("top", "pet"), ("top", "car"),
     ("car", "truck"), ("island", "far")]
)  # fmt: skip
NEAR = hops_between(HIERARCHY, CLASSES, [*UNSEEN, "unasked"])
HOPS = {label: hops_to(HIERARCHY, label, [*CLASSES, *UNSEEN]) for label in CLASSES}


def test_the_likely_class_makes_its_neighbour_likely() -> None:
    # To wolf: dog 1 hop, cat 3, car 4; to truck: car 1, dog 4, cat 4.
    halves = {"wolf": {"dog": 2**-1, "cat": 2**-3, "car": 2**-4},
              "truck": {"car": 2**-1, "dog": 2**-4, "cat": 2**-4}}  # fmt: skip
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3, 1e-9]]))
    found = conse_hierarchy(NEAR, UNSEEN, np.log(2), 2)(logits)
    assert found.wnids[0, :3].tolist() == ["wolf", "truck", None]
    for place, label in enumerate(["wolf", "truck"]):
        near = halves[label]
        wanted = (0.5 * near["dog"] + 0.3 * near["car"]) / sum(near.values())
        assert found.scores[0, place] == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("labels", [CLASSES, UNSEEN, [*UNSEEN, *CLASSES]])
@pytest.mark.parametrize("top", [1, 2, None])
def test_it_agrees_with_its_definition(labels: list[str], top: int | None) -> None:
    logits = np.random.default_rng(2).standard_normal((40, 4)) * 2
    found = conse_hierarchy(NEAR, labels, 0.7, top)(torch.from_numpy(logits).float())
    for image, row, own in zip(logits, found.wnids, found.scores, strict=True):
        p = dict(zip(CLASSES, np.exp(image) / np.exp(image).sum(), strict=True))
        scores = conse_hierarchy_loop(p, HOPS, labels, 0.7, top or 4)
        assert [wnid for wnid in row if wnid] == ranked(scores)
        assert own[: len(scores)] == pytest.approx(sorted(scores.values())[::-1], abs=1e-6)


def test_labels_that_no_class_leads_to_are_not_ranked() -> None:
    found = conse_hierarchy(NEAR, ["far", "nowhere"], 1.0, None)(torch.ones(3, 4))
    assert set(found.wnids.ravel()) == {None}
