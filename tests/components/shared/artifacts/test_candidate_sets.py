import numpy as np
import pandas as pd
import pytest

from components.shared.artifacts import candidate_sets as artifact
from components.shared.artifacts.label_space import LabelSpace
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.metrics import correct_labels

MEMBERS = {"seen": ["a", "b"], "unseen": ["c"], "unseen_plus_seen": ["a", "b", "c"],
           "seen_among_unseen": ["a", "b", "c"]}  # fmt: skip
INDEX = pd.DataFrame(
    [("a", "train"), ("a", "test"), ("c", "test"), ("other", "test"), ("b", "test")],
    columns=["wnid", "split"],
)


@pytest.fixture
def space() -> LabelSpace:
    rows = [(name, wnid) for name, wnids in MEMBERS.items() for wnid in wnids]
    members = pd.DataFrame(rows, columns=["set", "wnid"])
    return LabelSpace(pd.DataFrame(), members, pd.DataFrame(), np.zeros((0, 2), "f4"), {})


def test_only_test_images_of_the_sets_asked_for_are_tested_in_the_order_of_the_index(
    space: LabelSpace,
) -> None:
    assert artifact.tested_images(INDEX, space, ["unseen"])["wnid"].tolist() == ["a", "c", "b"]
    assert artifact.tested_images(INDEX, space, [])["wnid"].tolist() == ["a", "b"]


def test_a_zero_shot_set_has_three_forms_one_over_the_images_of_the_seen(
    space: LabelSpace,
) -> None:
    frame = artifact.tested_images(INDEX, space, ["unseen"])
    seen, alone, with_seen, among = artifact.candidate_sets(space, ["unseen"], frame)
    assert [one.name for one in (seen, alone, with_seen, among)] == list(MEMBERS)
    assert alone.images.tolist() == with_seen.images.tolist() == [False, True, False]
    assert among.images.tolist() == seen.images.tolist() == [True, False, True]
    assert [one.tested for one in (seen, alone, with_seen, among)] == [
        *("seen", "unseen", "unseen", "seen"),
    ]
    assert [one.is_zero_shot for one in (seen, alone, with_seen, among)] == [
        *(False, True, True, False),
    ]
    assert with_seen.members == among.members == ("a", "b", "c")
    assert seen.valid == {"a", "b"}
    assert alone.valid == with_seen.valid == among.valid == {"a", "b", "c"}


def test_correct_labels_of_the_seen_are_others_among_the_unseen(space: LabelSpace) -> None:
    sets = artifact.candidate_sets(
        space, ["unseen"], artifact.tested_images(INDEX, space, ["unseen"])
    )
    hierarchy = build_hierarchy([("a", "b"), ("b", "c")])
    correct = correct_labels(hierarchy, sets)
    assert {name: list(of) for name, of in correct.items()} == {
        "seen": ["a", "b"], "unseen": ["c"], "seen_among_unseen": ["a", "b"],
    }  # fmt: skip
    assert correct["unseen"]["c"].members(2) == {"b", "c"}
    assert correct["seen"]["b"].members(2) == {"a", "b"}
    assert correct["seen_among_unseen"]["b"].members(2) == {"a", "b", "c"}
