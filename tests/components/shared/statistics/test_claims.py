import pytest

from components.shared.statistics.claims import (
    CLAIMS,
    claims_of,
    holm_adjusted,
    rows_of_kind,
    strongest,
)


def test_holm_multiplies_the_smallest_p_by_the_number_of_tests_and_never_falls() -> None:
    # 4 * .01, 3 * .02, 2 * .022 below the one before it, and 1 * .5.
    assert holm_adjusted([0.5, 0.01, 0.022, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm_adjusted([0.9, 0.8]) == [1.0, 1.0]
    assert holm_adjusted([]) == []


def test_a_kind_has_every_row_that_its_name_begins_but_none_before_phase_2() -> None:
    models = ["softmax", "softmax_continued", "random", "random_phase_1", "random_best", "conse"]
    assert rows_of_kind("softmax", models) == ["softmax", "softmax_continued"]
    assert rows_of_kind("random", models) == ["random", "random_best"]


def test_a_kind_has_no_row_over_label_vectors_that_saw_images() -> None:
    models = ["conse", "conse_best", "conse_saw_images_clip", "exem_saw_images"]
    assert rows_of_kind("conse", models) == ["conse", "conse_best"]
    assert rows_of_kind("exem", models) == []


def test_the_strongest_row_is_the_first_of_the_highest() -> None:
    assert strongest({"conse": 0.2, "conse_best": 0.3, "conse_other": 0.3}) == "conse_best"


def test_the_list_is_short_and_names_the_first_zero_shot_set_of_the_run() -> None:
    assert 10 <= len(CLAIMS) == len({claim.name for claim in CLAIMS}) <= 14
    found = {claim.candidates for claim in claims_of("2-hop")}
    assert found == {"seen", "2-hop", "2-hop_plus_seen"}
