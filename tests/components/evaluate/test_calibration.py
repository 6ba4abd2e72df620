"""Two seen labels, a and b, two unseen ones, y and z; three images of either kind."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from twins import generalised as twin
from twins.calibration_loop import calibrated_loop

from components.evaluate.calibration import (
    CURVE_POINTS,
    areas_and_curves,
    cosines_with_calibrated,
    curves_of,
    read_penalties,
    scored_models,
    with_calibrated,
)
from components.shared.artifacts.candidate_sets import CandidateSet, further_halves, halves_of
from components.shared.ranking.packed import Key, Names, Packed

FRAME = pd.DataFrame({"wnid": ["a", "y", "b", "z", "a", "y"]})
OF_SEEN = FRAME["wnid"].isin(["a", "b"]).to_numpy()
EVERY = frozenset("abyz")
SETS = [
    CandidateSet("seen", "seen", ("a", "b"), frozenset("ab"), OF_SEEN),
    CandidateSet("own", "own", ("y", "z"), EVERY, ~OF_SEEN),
    CandidateSet("own_plus_seen", "own", tuple("abyz"), EVERY, ~OF_SEEN),
    CandidateSet("seen_among_own", "seen_among_own", tuple("abyz"), EVERY, OF_SEEN),
]
NAMES = Names(sorted(EVERY))
SCORES = {
    "seen": {"a": (15 / 16, 6 / 16, 10 / 16), "b": (1 / 16, 8 / 16, 9 / 16)},
    "own.seen": {"y": (11 / 16, 3 / 16, 11 / 16), "z": (4 / 16, 7 / 16, 0.0)},
    "seen.own": {"a": (8 / 16, 13 / 16, 2 / 16), "b": (6 / 16, 3 / 16, 3 / 16)},
    "own": {"y": (10 / 16, 5 / 16, 0.0), "z": (0.0, 12 / 16, 1 / 16)},
}
"""Of each image for each label, by who is asked what: a model's own, in the order of the images."""


def ranked(scores: Mapping[str, Sequence[float]]) -> Packed:
    wnids, found = [], []
    for image in range(3):
        best = sorted(scores, key=lambda wnid: -scores[wnid][image])
        wnids.append([*best, *[None] * 18])
        found.append([scores[wnid][image] for wnid in best] + [np.nan] * 18)
    values = np.array(found, dtype=np.float32)
    return NAMES.packed(np.array(wnids, dtype=object), values, values)


@pytest.fixture(scope="module")
def rankings() -> dict[Key, Packed]:
    own = {("devise", name): ranked(scores) for name, scores in SCORES.items()}
    return own | {("softmax", "seen"): own["devise", "seen"]}


def test_either_half_is_ranked_on_the_images_of_both_kinds() -> None:
    assert [halves_of(one) for one in SETS] == [
        *(None, None, ("seen.own", "own"), ("seen", "own.seen")),
    ]
    found = {one.name: (one.members, one.images.tolist()) for one in further_halves(SETS)}
    assert found == {
        "seen.own": (("a", "b"), (~OF_SEEN).tolist()),
        "own.seen": (("y", "z"), OF_SEEN.tolist()),
    }


def images(seen: str, unseen: str, *, of_seen: bool) -> list[twin.Image]:
    truth = FRAME["wnid"][of_seen == OF_SEEN].tolist()
    found = []
    for number, label in enumerate(truth):
        sides = [
            max((values[number], wnid) for wnid, values in SCORES[half].items())
            for half in (seen, unseen)
        ]
        right = [wnid == label for _, wnid in sides]
        code = sorted(set(truth)).index(label)
        found.append(twin.Image(code, right[0], right[1], sides[0][0], sides[1][0]))
    return found


def test_a_curve_is_that_of_the_best_seen_and_unseen_labels_by_a_loop(
    rankings: dict[Key, Packed],
) -> None:
    areas, table = areas_and_curves(curves_of(rankings, NAMES, SETS, FRAME))
    seen, unseen = (
        images("seen", "own.seen", of_seen=True),
        images("seen.own", "own", of_seen=False),
    )
    expected = twin.curve(seen, unseen)
    assert areas == {"devise/own/ausuc": pytest.approx(twin.area(expected), abs=1e-6)}
    assert list(table.columns) == ["model", "set", "penalty", "seen", "unseen"]
    assert set(table["model"]) == {"devise"}
    assert table["seen"].tolist() == pytest.approx([seen for _, seen, _ in expected])
    assert table["unseen"].tolist() == pytest.approx([unseen for _, _, unseen in expected])
    assert len(table) <= CURVE_POINTS


def test_where_nothing_scores_unseen_labels_there_is_no_curve(rankings: dict[Key, Packed]) -> None:
    softmax = {key: packed for key, packed in rankings.items() if key[0] == "softmax"}
    areas, table = areas_and_curves(curves_of(softmax, NAMES, SETS, FRAME))
    assert areas == {}
    assert list(table.columns) == ["model", "set", "penalty", "seen", "unseen"]
    assert scored_models(softmax, SETS[2]) == []


@pytest.mark.parametrize("penalty", [0.0, 0.2, -0.3])
def test_a_calibrated_ranking_is_merged_as_by_a_loop(
    rankings: dict[Key, Packed], penalty: float
) -> None:
    answers = {key: NAMES.wnids_of(packed) for key, packed in rankings.items()}
    penalties = {"devise": penalty}
    both = with_calibrated(answers, rankings, NAMES, SETS, penalties)
    cosines = cosines_with_calibrated(answers, rankings, SETS, penalties)
    assert set(both) - set(answers) == {
        ("devise_calibrated", "own_plus_seen"), ("devise_calibrated", "seen_among_own"),
    }  # fmt: skip
    assert len(both) == len(list(both))
    for name, (seen, unseen) in {
        "own_plus_seen": ("seen.own", "own"),
        "seen_among_own": ("seen", "own.seen"),
    }.items():
        found = both["devise_calibrated", name]
        assert found.shape == (3, 20)
        assert np.isnan(cosines["devise_calibrated", name]).all()
        for image in range(3):
            both_halves = {**SCORES[seen], **SCORES[unseen]}
            scores = {wnid: values[image] for wnid, values in both_halves.items()}
            assert found[image][:4].tolist() == calibrated_loop(scores, "ab", penalty, 4)
    assert both["softmax", "seen"] is answers["softmax", "seen"]


def test_a_penalty_of_no_model_is_refused(rankings: dict[Key, Packed]) -> None:
    assert read_penalties(["devise=0.25"], rankings, SETS) == {"devise": 0.25}
    with pytest.raises(ValueError, match=r"no model softmax that scores .* \(devise\)"):
        read_penalties(["softmax=0.25"], rankings, SETS)
