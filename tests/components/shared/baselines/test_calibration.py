import numpy as np
import pytest
from twins.calibration_loop import calibrated_loop

from components.shared.baselines.calibration import calibrated
from components.shared.baselines.scoring import Scored

SEEN = [f"s{number:02d}" for number in range(30)]
UNSEEN = [f"u{number:02d}" for number in range(25)]


def best(labels: list[str], scores: np.ndarray, length: int = 20) -> Scored:
    """The best of the labels' scores [images, labels], padded to the length."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :length]
    wnids = np.full((len(scores), length), None, dtype=object)
    found = np.full((len(scores), length), np.nan, np.float32)
    wnids[:, : order.shape[1]] = np.array(labels, dtype=object)[order]
    found[:, : order.shape[1]] = np.take_along_axis(scores, order, axis=1)
    return Scored(wnids, found)


def test_the_penalty_lets_an_unseen_label_pass_by_hand() -> None:
    seen, unseen = best(["s0", "s1"], np.array([[0.9, 0.5]])), best(["u0"], np.array([[0.6]]))
    assert calibrated(seen, unseen, 0.0).wnids[0, :4].tolist() == ["s0", "u0", "s1", None]
    lowered = calibrated(seen, unseen, 0.35)
    assert lowered.wnids[0, :4].tolist() == ["u0", "s0", "s1", None]
    assert lowered.scores[0, :3] == pytest.approx([0.6, 0.55, 0.15])
    assert np.isnan(lowered.scores[0, 3:]).all()
    assert calibrated(seen, unseen, -9.0).wnids[0, :3].tolist() == ["s0", "s1", "u0"]


@pytest.mark.parametrize("penalty", [0.0, 0.25, 1.0, -0.5])
def test_it_is_the_ranking_of_all_labels_at_that_penalty(penalty: float) -> None:
    # Scores in quarters: many tie, and more than 20 labels compete.
    generator = np.random.default_rng(4)
    seen, unseen = generator.integers(0, 40, (60, 30)) / 4, generator.integers(0, 40, (60, 25)) / 4
    found = calibrated(best(SEEN, seen), best(UNSEEN, unseen), penalty)
    for image, row in enumerate(found.wnids):
        scores = dict(zip([*SEEN, *UNSEEN], [*seen[image], *unseen[image]], strict=True))
        assert row.tolist() == calibrated_loop(scores, SEEN, penalty, 20)


def test_labels_that_tie_stand_in_the_order_that_is_given() -> None:
    seen, unseen = (
        best(["b", "d"], np.array([[1.0, 1.0]])),
        best(["a", "c"], np.array([[1.0, 1.0]])),
    )
    assert calibrated(seen, unseen, 0.0).wnids[0, :4].tolist() == ["a", "b", "c", "d"]
    given = calibrated(seen, unseen, 0.0, order=["d", "a", "b", "c"])
    assert given.wnids[0, :4].tolist() == ["d", "a", "b", "c"]


def test_an_image_without_any_label_stays_without() -> None:
    nothing = Scored(np.full((1, 20), None, object), np.full((1, 20), np.nan, np.float32))
    found = calibrated(nothing, nothing, 1.0)
    assert set(found.wnids.ravel()) == {None}
    assert calibrated(nothing, best(["u"], np.array([[0.1]])), 1.0).wnids[0, 0] == "u"
