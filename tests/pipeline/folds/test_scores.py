"""Scores of folds, made again from rankings, and put together."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.folds import CLASSES, GROUPS, write_folds
from twins.fold_means import hit, means_over_folds

from components.shared.statistics.scores import METRICS, ImageScores, mean_scores_of
from pipeline.folds.scores import FinishedFold, FoldScores, joined

SETS = ["seen", "unseen", "unseen_plus_seen", "seen_among_unseen"]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    write_folds(folder, [0, 1, 2, 3])
    return folder


def fold(images: str, truth: str, hits: list[float], by_class: bool = False) -> FoldScores:
    """A model `devise` that hits these images at every k."""
    values = np.repeat(np.array(hits)[:, None], len(METRICS), axis=1)
    classes = np.unique(list(truth), return_inverse=True)[1]
    scores = ImageScores("seen", ("devise",), values, classes, 4, by_class)
    return FoldScores(np.array(list(images), object), np.array(list(truth), object), scores)


def test_the_figures_of_a_fold_are_those_that_evaluate_wrote(output: Path) -> None:
    finished = FinishedFold(output / "fold_2")
    metrics = json.loads((output / "fold_2" / "metrics.json").read_text())
    assert finished.candidates == SETS
    for name in SETS:
        found = mean_scores_of(finished.scores(name).scores)
        assert found == pytest.approx({key: metrics[key] for key in found}, abs=1e-12)


def test_unseen_classes_are_the_unit_where_none_of_them_is_seen(output: Path) -> None:
    finished = FinishedFold(output / "fold_1")
    found = {name: finished.scores(name).scores for name in SETS}
    assert {name: scores.by_class for name, scores in found.items()} == {
        "seen": False, "unseen": True, "unseen_plus_seen": True, "seen_among_unseen": False,
    }  # fmt: skip
    assert [found[name].labels for name in SETS] == [9, 3, 12, 12]


def test_of_an_image_the_mean_over_the_folds_that_test_it_is_taken() -> None:
    # The image b is tested by both folds, a by the first alone and c by the second.
    together = joined([fold("ab", "xy", [1, 0]), fold("cb", "zy", [1, 1])])
    assert together.values[:, 0].tolist() == [1, 1 / 2, 1]
    assert together.classes.tolist() == [0, 1, 2]
    assert mean_scores_of(together)["devise/seen/flat_hit_at_1"] == pytest.approx(5 / 6)


def test_models_that_a_fold_lacks_are_left_out() -> None:
    one = fold("ab", "xy", [1, 0])
    both = np.tile(one.scores.values, 2)
    scores = ImageScores("seen", ("conse", "devise"), both, one.scores.classes, 3, False)
    two = FoldScores(one.images, one.truth, scores)
    together = joined([one, two])
    assert (together.models, together.labels) == (("devise",), 3)
    assert together.values[:, 0].tolist() == [1, 0]


def test_images_of_classes_are_left_out_and_of_all_classes_nothing_is_left() -> None:
    left = fold("abc", "xyx", [1, 0, 0]).without({"x"})
    assert left is not None
    assert (left.images.tolist(), left.truth.tolist()) == (["b"], ["y"])
    assert (left.scores.values[:, 0].tolist(), left.scores.classes.tolist()) == ([0], [0])
    assert fold("ab", "xy", [1, 0]).without({"x", "y"}) is None


@pytest.mark.parametrize("name", SETS)
def test_folds_are_put_together_as_by_a_loop_over_their_images(output: Path, name: str) -> None:
    numbers = (1, 2, 3)
    together = joined(FinishedFold(output / f"fold_{n}").scores(name) for n in numbers)
    rankings = [pd.read_parquet(output / f"fold_{n}" / "predictions.parquet") for n in numbers]
    for column, k in ((0, 1), (2, 5)):
        folds = [
            {
                row.image: (row.truth, hit(row.predicted, row.truth, k))
                for row in rows[(rows.model == "conse") & (rows.candidates == name)].itertuples()
            }
            for rows in rankings
        ]
        means, truth = means_over_folds(folds)
        assert together.values[:, together.columns("conse")][:, column] == pytest.approx(means)
        assert together.classes.tolist() == np.unique(truth, return_inverse=True)[1].tolist()


def test_each_class_is_unseen_once_and_seen_in_the_other_folds(output: Path) -> None:
    folds = [FinishedFold(output / f"fold_{n}") for n in range(4)]
    unseen = [set(one.scores("unseen").truth) for one in folds]
    assert unseen == [set(group) for group in GROUPS]
    together = joined(one.scores("unseen") for one in folds)
    assert together.classes.max() + 1 == len(CLASSES)


def test_a_fold_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no predictions\.parquet: run this fold again"):
        FinishedFold(tmp_path)
