"""The harmonic mean and the seen-unseen curve, beside slow twins and cases worked by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from twins import generalised as twin

from components.shared.statistics.generalised import (
    Stacked,
    harmonic_mean,
    harmonic_means,
    seen_unseen_curve,
)


def drawn(count: int, classes: int, digits: int, seed: int) -> list[twin.Image]:
    """Images whose margins tie now and then, some without a label on one side."""
    generator = np.random.default_rng(seed)
    images = []
    for number in range(count):
        right = generator.random(2) < 0.6
        scores = [float(score) for score in generator.random(2).round(digits)]
        missing = number % 13
        images.append(
            twin.Image(
                number % classes,
                bool(right[0]) and missing != 1,
                bool(right[1]) and missing != 2,
                None if missing == 1 else scores[0],
                None if missing == 2 else scores[1],
            )
        )
    return images


def stacked(images: Sequence[twin.Image], *, of_seen: bool) -> Stacked:
    margins = [
        -np.inf
        if image.seen_score is None
        else np.inf
        if image.unseen_score is None
        else image.seen_score - image.unseen_score
        for image in images
    ]
    right = [image.seen_right if of_seen else image.unseen_right for image in images]
    return Stacked(np.array(right), np.array(margins), np.array([i.label for i in images]))


def of_side(images: list[twin.Image], *, seen: bool) -> list[twin.Image]:
    """Only labels of an image's own side can be right."""
    return [
        twin.Image(i.label, i.seen_right and seen, i.unseen_right and not seen,
                   i.seen_score, i.unseen_score)
        for i in images
    ]  # fmt: skip


@pytest.mark.parametrize("digits", [1, 15])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_curve_is_that_of_a_loop_over_penalties_and_images(digits: int, seed: int) -> None:
    seen = of_side(drawn(40, 7, digits, seed), seen=True)
    unseen = of_side(drawn(30, 4, digits, seed + 9), seen=False)
    curve = seen_unseen_curve(stacked(seen, of_seen=True), stacked(unseen, of_seen=False))
    expected = np.array(twin.curve(seen, unseen))
    assert curve.penalty == pytest.approx(expected[:, 0])
    assert curve.seen == pytest.approx(expected[:, 1])
    assert curve.unseen == pytest.approx(expected[:, 2])
    assert curve.area == pytest.approx(twin.area(twin.curve(seen, unseen)))


def test_a_curve_worked_by_hand() -> None:
    # Two seen classes of one image, the first right and lost at 0.2, the second wrong;
    # an unseen class of two images, won at -0.1 and at 0.3.
    seen = Stacked(np.array([True, False]), np.array([0.2, 0.1]), np.array([0, 1]))
    unseen = Stacked(np.array([True, True]), np.array([0.3, -0.1]), np.array([0, 0]))
    curve = seen_unseen_curve(seen, unseen)
    assert curve.penalty.tolist() == [-np.inf, -0.1, 0.1, 0.2, 0.3]
    assert curve.seen.tolist() == [0.5, 0.5, 0.5, 0.0, 0.0]
    assert curve.unseen.tolist() == [0.0, 0.5, 0.5, 0.5, 1.0]
    # From 0.5 to 0 on the seen, at 0.5 on the unseen.
    assert curve.area == 0.25


def test_who_is_always_right_on_either_side_has_all_of_the_area() -> None:
    one = np.array([True])
    apart = seen_unseen_curve(
        Stacked(one, np.array([0.5]), np.array([0])), Stacked(one, np.array([-0.5]), np.array([0]))
    )
    assert apart.area == 1.0
    alike = seen_unseen_curve(
        Stacked(one, np.array([0.5]), np.array([0])), Stacked(one, np.array([0.5]), np.array([0]))
    )
    assert alike.area == 0.5


def test_a_label_without_a_rival_keeps_its_image_whatever_the_penalty() -> None:
    right = np.array([True, True])
    seen = Stacked(right, np.array([np.inf, 0.0]), np.array([0, 1]))
    unseen = Stacked(right, np.array([-np.inf, 0.0]), np.array([0, 1]))
    curve = seen_unseen_curve(seen, unseen)
    assert curve.seen.tolist() == [1.0, 0.5]
    assert curve.unseen.tolist() == [0.5, 1.0]


def test_a_curve_is_thinned_from_its_first_point_to_its_last() -> None:
    seen = stacked(of_side(drawn(200, 5, 15, 0), seen=True), of_seen=True)
    unseen = stacked(of_side(drawn(200, 5, 15, 1), seen=False), of_seen=False)
    curve = seen_unseen_curve(seen, unseen)
    few = curve.thinned(20)
    assert len(few.penalty) == 20 < len(curve.penalty)
    assert (few.penalty[0], few.penalty[-1]) == (-np.inf, curve.penalty[-1])
    assert (few.seen[0], few.unseen[-1]) == (curve.seen[0], curve.unseen[-1])
    assert curve.thinned(1000) is curve


@pytest.mark.parametrize(("seen", "unseen"), [(0.6, 0.2), (0.5, 0.5), (0.4, 0.0), (0.0, 0.0)])
def test_a_harmonic_mean_is_zero_where_one_of_the_two_is(seen: float, unseen: float) -> None:
    assert harmonic_mean(seen, unseen) == pytest.approx(twin.harmonic(seen, unseen))
    assert (harmonic_mean(seen, unseen) == 0) == (min(seen, unseen) == 0)


def test_each_model_has_the_harmonic_mean_of_each_zero_shot_set() -> None:
    hit = "per_class_hit_at_1"
    metrics = {
        f"devise/unseen_plus_seen/{hit}": 0.2,
        f"devise/seen_among_unseen/{hit}": 0.6,
        f"devise/2-hop_plus_seen/{hit}": 0.0,
        f"devise/seen_among_2-hop/{hit}": 0.0,
        f"conse/unseen_plus_seen/{hit}": 0.2,
        f"conse/unseen/{hit}": 0.2,
        f"devise/seen/{hit}": 0.7,
    }
    assert harmonic_means(metrics) == {
        "devise/unseen_plus_seen/harmonic_mean": pytest.approx(0.3),
        "devise/2-hop_plus_seen/harmonic_mean": 0.0,
    }
