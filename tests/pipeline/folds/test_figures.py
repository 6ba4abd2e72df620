"""Figures and claims over folds, beside loops over the images of all of them."""

from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pandas as pd
import pytest
from support.folds import VALUES, write_folds
from twins import resampling as twin
from twins.fold_means import hit, means_over_folds

from components.shared.statistics.claims import CLAIMS
from pipeline.folds.figures import FoldFigures, figures_over
from pipeline.local.repeats import FOLD, read_metrics

NUMBERS = [1, 2, 3]
SAMPLES, SEED = 100, 5


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_folds(folder, NUMBERS)
    return folder


@pytest.fixture(scope="module")
def found(output: Path) -> FoldFigures:
    return figures_over(output, NUMBERS)


def hits(output: Path, model: str, candidates: str) -> tuple[list[float], list[str]]:
    """Mean hit@1 of each image over the folds, and its class."""
    folds = []
    for number in NUMBERS:
        rows = pd.read_parquet(output / f"fold_{number}" / "predictions.parquet")
        own = rows[(rows.model == model) & (rows.candidates == candidates)]
        folds.append({r.image: (r.truth, hit(r.predicted, r.truth, 1)) for r in own.itertuples()})
    return means_over_folds(folds)


def test_on_seen_labels_images_are_drawn_and_the_spread_is_that_of_the_folds(
    output: Path, found: FoldFigures
) -> None:
    name = "devise/seen/flat_hit_at_1"
    means, _ = hits(output, "devise", "seen")
    assert found.means[name]["mean"] == pytest.approx(fmean(means))
    assert found.confidence.units[name] == "images"
    expected = twin.interval(means, SAMPLES, SEED)
    assert found.confidence.intervals[name] == pytest.approx(expected)
    of_folds = read_metrics(output, FOLD)[name]["values"]
    assert found.means[name]["values"] == of_folds
    assert found.means[name]["standard_deviation"] == pytest.approx(stdev(of_folds))


def test_on_unseen_labels_the_classes_of_all_folds_are_drawn_and_flipped_together(
    output: Path, found: FoldFigures
) -> None:
    name = "devise/unseen/flat_hit_at_1"
    means, truth = hits(output, "devise", "unseen")
    classes = np.unique(truth, return_inverse=True)[1].tolist()
    assert found.means[name]["mean"] == pytest.approx(fmean(means))
    assert found.means[name]["standard_deviation"] == 0.0
    assert found.means["devise/unseen/classes"]["mean"] == len(set(truth)) == 9
    expected = twin.class_interval(means, classes, SAMPLES, SEED)
    assert found.confidence.intervals[name] == pytest.approx(expected)
    per_class = found.means["devise/unseen/per_class_hit_at_1"]["mean"]
    assert per_class == pytest.approx(twin.per_class_mean(means, classes))
    others, _ = hits(output, "conse", "unseen")
    row = found.confidence.paired["devise_vs_conse/unseen/flat_hit_at_1"]
    differences = [ours - theirs for ours, theirs in zip(means, others, strict=True)]
    assert row["difference"] == pytest.approx(fmean(differences))
    assert row["p"] == twin.class_sign_flip_p(differences, classes, SAMPLES, SEED)


@pytest.mark.parametrize("model", ["devise", "conse", "chance"])
def test_the_harmonic_mean_is_that_of_both_figures_over_all_folds(
    output: Path, found: FoldFigures, model: str
) -> None:
    def figure(candidates: str) -> float:
        if model == "chance":
            return 1 / 12
        means, truth = hits(output, model, candidates)
        return twin.per_class_mean(means, np.unique(truth, return_inverse=True)[1].tolist())

    seen, unseen = figure("seen_among_unseen"), figure("unseen_plus_seen")
    one = found.means[f"{model}/unseen_plus_seen/harmonic_mean"]
    assert one["mean"] == pytest.approx(2 * seen * unseen / (seen + unseen))
    assert one["standard_deviation"] == 0.0
    if model != "chance":
        assert fmean(one["values"]) != pytest.approx(one["mean"])


def test_the_area_below_the_curve_is_the_mean_over_the_folds_with_its_spread(
    output: Path, found: FoldFigures
) -> None:
    values = read_metrics(output, FOLD)["devise/unseen/ausuc"]["values"]
    assert stdev(values) > 0
    assert found.means["devise/unseen/ausuc"] == {
        "values": values, "mean": fmean(values), "standard_deviation": stdev(values),
    }  # fmt: skip


def test_claims_are_tested_over_the_folds_and_corrected(found: FoldFigures) -> None:
    claims, left_out = found.confidence.claims, found.confidence.claims_left_out
    assert len(claims) + len(left_out) == len(CLAIMS)
    assert "devise_vs_random/unseen/flat_hit_at_1" in claims
    assert left_out["devise_vs_softmax/seen/hierarchical_precision_at_20"].startswith(
        "There are only 9"
    )
    smallest = min(claim["p"] for claim in claims.values())
    assert min(claim["p_holm"] for claim in claims.values()) == min(1, smallest * len(claims))


def test_figures_of_one_fold_are_its_own(output: Path) -> None:
    own = figures_over(output, [2])
    for name, one in own.means.items():
        index = NUMBERS.index(2)
        assert one["mean"] == pytest.approx(read_metrics(output, FOLD)[name]["values"][index])
        assert one["standard_deviation"] == 0.0


def test_chance_on_unseen_labels_has_no_spread_over_folds(found: FoldFigures) -> None:
    assert found.means["chance/unseen/flat_hit_at_1"] == {
        "values": [1 / 3] * 3, "mean": pytest.approx(1 / 3), "standard_deviation": 0.0,
    }  # fmt: skip
    assert VALUES["evaluate_bootstrap_samples"] == found.confidence.samples == SAMPLES
