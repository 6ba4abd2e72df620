import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import holm

from components.shared.settings.table import check
from components.shared.statistics.claims import (
    BEST,
    CLAIMS,
    LEVEL,
    claim_about,
    claims_of,
    holm_adjusted,
    rows_of,
    strongest,
    untestable,
)


def test_holm_multiplies_the_smallest_p_by_the_number_of_tests_and_never_falls() -> None:
    # 4 * .01, 3 * .02, 2 * .022 below the one before it, and 1 * .5.
    assert holm_adjusted([0.5, 0.01, 0.022, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm_adjusted([0.9, 0.8]) == [1.0, 1.0]
    assert holm_adjusted([]) == []


def test_the_fewest_resamples_that_a_run_may_have_can_tell_a_claim() -> None:
    def smallest_adjusted(samples: int) -> float:
        return holm_adjusted([1 / (1 + samples), *([1.0] * (len(CLAIMS) - 1))])[0]

    check("evaluate_bootstrap_samples", 259)
    assert smallest_adjusted(259) <= LEVEL < smallest_adjusted(258)
    with pytest.raises(ValueError, match="evaluate_bootstrap_samples is 258: allowed is from 259"):
        check("evaluate_bootstrap_samples", 258)


@given(
    st.lists(st.sampled_from([0.0, 0.001, 0.01, 0.0125, 0.05, 0.3]) | st.floats(0, 1), max_size=14)
)
def test_an_adjusted_p_is_the_lowest_level_at_which_the_procedure_rejects(ps: list[float]) -> None:
    assert holm_adjusted(ps) == holm.adjusted(ps)


def test_a_kind_has_every_row_that_its_name_begins_but_none_before_phase_2_nor_calibrated() -> None:
    models = [
        *("softmax", "softmax_continued", "softmax_hierarchy", "devise_best_no_text", "random"),
        *("random_phase_1", "random_best", "random_best_calibrated", "conse", "conse_best"),
        *("conse_hierarchy", "exem", "exem_best", "eszsl"),
    ]
    assert rows_of("softmax", models) == ["softmax", "softmax_continued", "softmax_hierarchy"]
    assert rows_of("random", models) == ["random", "random_best"]
    assert rows_of("conse", models) == ["conse", "conse_best", "conse_hierarchy"]
    assert rows_of("exem", models) == ["exem", "exem_best"]


def test_a_rival_that_is_no_kind_is_that_row_alone() -> None:
    models = ["devise", "devise_phase_1", "devise_best", "devise_best_no_text"]
    assert rows_of("devise_phase_1", models) == ["devise_phase_1"]
    assert rows_of("devise_best_no_text", models) == ["devise_best_no_text"]
    assert not rows_of("devise_best_no_text", models[:3])


def test_what_a_run_has_no_row_for_is_left_out_with_a_sentence() -> None:
    found = {claim.name: untestable(claim, ["softmax", "devise", "random"]) for claim in CLAIMS}
    assert found["devise_vs_softmax/seen/flat_hit_at_1"] is None
    assert found["devise_vs_conse/unseen/flat_hit_at_1"] == "The run has no row of the kind conse."
    name = "devise_best_vs_devise_best_no_text/unseen/flat_hit_at_5"
    assert found[name] == "The run has no row devise_best."
    claim = next(claim for claim in CLAIMS if claim.name == name)
    assert untestable(claim, [BEST]) == "The run has no row devise_best_no_text."


def test_a_paired_test_is_a_claim_where_its_baseline_was_the_strongest() -> None:
    claim = {"baseline": "softmax_hierarchy", "told": True}
    made = {"devise_vs_softmax/seen/flat_hit_at_1": claim}
    end = "seen/flat_hit_at_1"
    assert claim_about(made, "devise", "softmax_hierarchy", end) == claim
    assert claim_about(made, "devise", "better_softmax", end) == claim
    assert claim_about(made, "devise", "softmax", end) is None
    assert claim_about(made, "devise_best", "softmax_hierarchy", end) is None
    assert claim_about(made, "devise", "softmax_hierarchy", "unseen/flat_hit_at_1") is None


def test_a_kind_has_no_row_over_label_vectors_that_saw_images() -> None:
    models = ["conse", "conse_best", "conse_saw_images_clip", "exem_saw_images"]
    assert rows_of("conse", models) == ["conse", "conse_best"]
    assert rows_of("exem", models) == []


def test_the_strongest_row_is_the_first_of_the_highest() -> None:
    assert strongest({"conse": 0.2, "conse_best": 0.3, "conse_other": 0.3}) == "conse_best"


def test_the_list_is_short_and_names_the_first_zero_shot_set_of_the_run() -> None:
    assert 12 <= len(CLAIMS) == len({claim.name for claim in CLAIMS}) <= 14
    found = {claim.candidates for claim in claims_of("2-hop")}
    assert found == {"seen", "2-hop", "2-hop_plus_seen"}
