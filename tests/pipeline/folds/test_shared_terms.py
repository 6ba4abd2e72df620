"""Figures over folds without the classes n10 and n20, which share a term."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.folds import CLASSES, TERMS, write_folds
from twins.fold_means import hit, means_over_folds
from twins.resampling import per_class_mean

from pipeline.folds.figures import figures_over

NUMBERS = [0, 1, 2]
HAVE_A_PAIR = [1, 2]
"""Of them the folds in which one of the two classes is seen and the other is not."""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_folds(folder, NUMBERS)
    return folder


def per_class_hit(output: Path, candidates: str) -> float:
    """Hit@1 of conse as the mean over classes, images of a pair left out in its fold alone."""
    folds = []
    for number in NUMBERS:
        rows = pd.read_parquet(output / f"fold_{number}" / "predictions.parquet")
        own = rows[(rows.model == "conse") & (rows.candidates == candidates)]
        left = own[~own.truth.isin(TERMS if number in HAVE_A_PAIR else [])]
        folds.append({r.image: (r.truth, hit(r.predicted, r.truth, 1)) for r in left.itertuples()})
    means, truth = means_over_folds(folds)
    return per_class_mean(means, np.unique(truth, return_inverse=True)[1].tolist())


@pytest.mark.parametrize("number", HAVE_A_PAIR)
def test_figures_of_one_fold_are_those_of_its_run_but_for_chance(output: Path, number: int) -> None:
    written = json.loads((output / f"fold_{number}" / "without_shared_terms.json").read_text())
    expected = {name: one for name, one in written.items() if not name.startswith("chance/")}
    assert figures_over(output, [number]).without == pytest.approx(expected, abs=1e-12)
    assert "devise/unseen_plus_seen/harmonic_mean" in expected


def test_over_folds_images_of_a_pair_are_left_out_where_it_is_one(output: Path) -> None:
    without = figures_over(output, NUMBERS).without
    for name in ("seen", "unseen", "unseen_plus_seen", "seen_among_unseen"):
        found = without[f"conse/{name}/per_class_hit_at_1"]
        assert found == pytest.approx(per_class_hit(output, name)), name
    seen, unseen = (
        per_class_hit(output, f"{name}") for name in ("seen_among_unseen", "unseen_plus_seen")
    )
    harmonic = without["conse/unseen_plus_seen/harmonic_mean"]
    assert harmonic == pytest.approx(2 * seen * unseen / (seen + unseen))
    # Fold 0 has both classes among the seen, and its images of them are counted.
    assert without["conse/seen/classes"] == len(CLASSES)
    assert without["conse/unseen/classes"] == 9 - 2


def test_pairs_are_named_of_the_folds_that_have_them(output: Path) -> None:
    assert figures_over(output, NUMBERS).pairs == {
        1: ["crane: hoist (n20) and crane (n10)"],
        2: ["crane: crane (n10) and hoist (n20)"],
    }


def test_where_no_fold_has_a_pair_there_is_no_figure(output: Path) -> None:
    alone = figures_over(output, [0])
    assert (alone.without, alone.pairs) == ({}, {})
