import pytest

from pipeline.sweeps.sampling import Range, Space, drawn, grid

SPACE: Space = {
    "devise_margin": (0.1, 0.2, 0.3),
    "devise_phase_1_learning_rate": Range(0.001, 1.0, is_log=True),
    "visual_epochs": Range(2, 5),
}


def test_a_grid_is_the_whole_product_in_order() -> None:
    found = grid({"a": (1, 2), "b": ("x", "y", "z")})
    assert found == [{"a": a, "b": b} for a in (1, 2) for b in ("x", "y", "z")]


def test_draws_repeat_by_seed_and_more_begin_with_fewer() -> None:
    assert drawn(SPACE, 9, 4)[:5] == drawn(SPACE, 5, 4)
    assert drawn(SPACE, 5, 4) != drawn(SPACE, 5, 5)


def test_draws_stay_in_their_ranges_and_a_whole_number_is_one() -> None:
    found = drawn(SPACE, 200, 0)
    rates = [one["devise_phase_1_learning_rate"] for one in found]
    assert all(0.001 <= rate <= 1 for rate in rates)
    # As many below the middle of the logarithms as above.
    assert 70 < sum(rate < 0.0316 for rate in rates) < 130
    assert {one["visual_epochs"] for one in found} == {2, 3, 4, 5}
    assert {one["devise_margin"] for one in found} == {0.1, 0.2, 0.3}


def test_trials_differ_and_where_there_are_no_more_it_is_said() -> None:
    found = drawn({"devise_margin": (0.1, 0.2)}, 2, 0)
    assert sorted(one["devise_margin"] for one in found) == [0.1, 0.2]
    with pytest.raises(ValueError, match="allows 2 different trials, and 3 are wanted"):
        drawn({"devise_margin": (0.1, 0.2)}, 3, 0)
