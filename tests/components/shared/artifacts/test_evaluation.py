import pytest

from components.shared.artifacts.evaluation import baselines_of, check_variants, table_order


def test_a_phase_1_follows_its_model_and_variants_stand_between_devise_and_random():
    answered = {
        *("conse_best", "conse", "random", "random_phase_1", "devise_best_phase_1", "devise_best"),
        *("devise_l2", "devise", "softmax_continued", "softmax"),
    }
    assert table_order(answered, ["devise_l2", "devise_best"]) == (
        *("softmax", "softmax_continued", "devise", "devise_l2"),
        *("devise_best", "devise_best_phase_1", "random", "random_phase_1"),
        *("conse", "conse_best"),
    )


def test_a_model_is_tested_against_the_baselines_that_are_there():
    there = ["softmax", "devise", "devise_l2", "devise_l2_phase_1", "random", "conse"]
    assert baselines_of("devise", there) == ["softmax", "random", "conse"]
    assert baselines_of("devise_l2", there) == [
        *("softmax", "random", "conse", "devise", "devise_l2_phase_1"),
    ]


@pytest.mark.parametrize(
    ("variants", "taken"),
    [
        (["devise_l2", "devise_l2"], "devise_l2"),
        (["softmax"], "softmax"),
        (["devise_phase_1"], "devise_phase_1"),
        (["devise_best", "best"], "conse_best"),
    ],
)
def test_names_that_two_models_would_have_are_refused(variants: list[str], taken: str):
    with pytest.raises(ValueError, match=f"would be called '{taken}'"):
        check_variants(variants)
