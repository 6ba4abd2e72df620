"""Tables of seen and unseen together, from figures that stand in metrics.json."""

from pipeline.results.generalised import (
    generalised_part,
    without_shared_terms_part,
    zero_shot_sets_of,
)

HIT = "per_class_hit_at_1"
FIGURES = {
    f"devise/seen_among_unseen/{HIT}": 0.6,
    f"devise/unseen_plus_seen/{HIT}": 0.2,
    "devise/unseen_plus_seen/harmonic_mean": 0.3,
    "devise/unseen/ausuc": 0.125,
    f"softmax/seen_among_unseen/{HIT}": 0.7,
    f"softmax/unseen_plus_seen/{HIT}": 0.0,
    "softmax/unseen_plus_seen/harmonic_mean": 0.0,
    f"devise_phase_1/unseen_plus_seen/{HIT}": 0.1,
    f"chance/seen_among_unseen/{HIT}": 0.1,
    f"chance/unseen_plus_seen/{HIT}": 0.1,
    "chance/unseen_plus_seen/harmonic_mean": 0.1,
    "devise/seen/flat_hit_at_1": 0.5,
    "devise/unseen/flat_hit_at_1": 0.25,
    "devise/unseen/flat_hit_at_5": 1.0,
    "chance/unseen/flat_hit_at_1": 0.25,
    "label_space/without_vector": 1.0,
}
CALIBRATED = {
    f"devise_calibrated/seen_among_unseen/{HIT}": 0.5,
    f"devise_calibrated/unseen_plus_seen/{HIT}": 0.4,
    "devise_calibrated/unseen_plus_seen/harmonic_mean": 0.444,
}


def test_a_model_has_both_hits_their_mean_and_the_area_and_a_softmax_no_area() -> None:
    assert zero_shot_sets_of(FIGURES) == ["unseen"]
    text = generalised_part("unseen", FIGURES, {})
    assert "| model | seen | unseen | harmonic mean | AUSUC |" in text
    assert "| DeViSE | 60.0 | 20.0 | 30.0 | 12.5 |" in text
    assert "| Softmax | 70.0 | 0.0 | 0.0 | – |" in text
    assert text.splitlines()[-1].startswith("| Chance | 10.0 |")
    assert "phase 1" not in text


def test_calibrated_figures_stand_beside_those_of_their_model() -> None:
    text = generalised_part("unseen", FIGURES | CALIBRATED, {})
    assert "| DeViSE | 60.0 | 20.0 | 30.0 | 50.0 | 40.0 | 44.4 | 12.5 |" in text
    assert "| Softmax | 70.0 | 0.0 | 0.0 | – | – | – | – |" in text
    assert "DeViSE, calibrated" not in text


def test_a_figure_with_a_spread_has_it_beside_it() -> None:
    spreads = {f"devise/seen_among_unseen/{HIT}": 0.01, "devise/unseen/ausuc": 0.0}
    spreads[f"devise_calibrated/unseen_plus_seen/{HIT}"] = 0.02
    text = generalised_part("unseen", FIGURES | CALIBRATED, spreads)
    assert "| DeViSE | 60.0 ±1.0 | 20.0 | 30.0 | 50.0 | 40.0 ±2.0 | 44.4 | 12.5 |" in text


def test_figures_without_shared_terms_stand_beside_those_of_all_classes() -> None:
    without = {
        "devise/unseen_plus_seen/harmonic_mean": 0.28,
        "devise/seen/flat_hit_at_1": 0.4,
        "devise/unseen/flat_hit_at_1": 0.2,
        "devise/unseen/flat_hit_at_5": 1.0,
    }
    (row,) = without_shared_terms_part("unseen", FIGURES, without).splitlines()[4:]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:4] == ["DeViSE", "40.0 (50.0)", "– (–)", "20.0 (25.0)"]
    assert cells[4] == "–", "of four labels there are no five"
    assert cells[-1] == "28.0 (30.0)"


def test_without_a_pair_there_is_no_table() -> None:
    assert without_shared_terms_part("unseen", FIGURES, {}) == ""
