"""What folds do not have in common stands under the heading of their tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.folds import MODELS, write_fold, write_folds

from pipeline.folds.kept import keep_folds
from pipeline.folds.tables import fold_results
from pipeline.local.repeats import FOLD, write_metrics


@pytest.fixture
def output(tmp_path: Path) -> Path:
    write_folds(tmp_path / "runs", [0, 1, 2, 3])
    return tmp_path / "runs"


def change(file: Path, how: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text())
    how(content)
    file.write_text(json.dumps(content))


def without(output: Path, number: int, part: str) -> None:
    """Take figures whose name has this part out of what a fold left."""
    folder = output / f"fold_{number}"
    metrics = json.loads((folder / "metrics.json").read_text())
    left = {name: value for name, value in metrics.items() if part not in name}
    assert left != metrics
    (folder / "metrics.json").write_text(json.dumps(left))


def said(folder: Path) -> list[str]:
    """What stands between the words under the heading and the first table."""
    top = fold_results(folder, [1, 2, 3], as_markdown=True).partition("\n\n###")[0]
    return top.split("\n\n")[2:]


def test_folds_that_are_alike_in_all_need_no_word(output: Path) -> None:
    assert said(output) == []


def test_stages_whose_code_differs_are_named_of_runs_and_of_what_was_kept(
    output: Path, tmp_path: Path
) -> None:
    def edited(told: dict[str, Any]) -> None:
        told["tasks"][0]["code_version"] = "c0ffee"
        told["tasks"].append({"task": "train_devise-devise", "seconds": 1.0, "code_version": "5"})

    change(output / "fold_2" / "run.json", edited)
    expected = ["Not all of these folds have the same code of `evaluate`, `train_devise`."]
    assert said(output) == expected
    keep_folds(output, [1, 2, 3], tmp_path / "kept")
    assert said(tmp_path / "kept") == expected
    assert "same code" not in fold_results(output, [1, 3], as_markdown=True)
    assert expected[0] in fold_results(output, [1, 2], as_markdown=False)


def test_rows_that_a_fold_lacks_are_named_beside_being_left_out(
    output: Path, tmp_path: Path
) -> None:
    fewer = tuple(model for model in MODELS if model != "conse")
    write_fold(output / "fold_2", 2, fewer)
    write_metrics(output, FOLD, [1, 2, 3])
    expected = ["The tables leave out what a fold lacks: the row ConSE (fold 2)."]
    assert said(output) == expected
    text = fold_results(output, [1, 2, 3], as_markdown=True)
    assert "| DeViSE |" in text
    assert "| ConSE |" not in text
    keep_folds(output, [1, 2, 3], tmp_path / "kept")
    assert said(tmp_path / "kept") == expected


def test_labels_and_figures_that_a_fold_lacks_are_named_with_the_folds(output: Path) -> None:
    for number in (1, 3):
        without(output, number, "/unseen_plus_seen/")
        rankings = output / f"fold_{number}" / "predictions.parquet"
        rows = pd.read_parquet(rankings)
        rows[rows["candidates"] != "unseen_plus_seen"].to_parquet(rankings)
    without(output, 2, "per_class_hit_at_20")
    without(output, 2, "random/seen/hierarchical_precision_at_5")
    assert said(output) == [
        "The tables leave out what a fold lacks: the labels `unseen_plus_seen` (folds 1, 3); "
        "`per_class_hit_at_20` (fold 2); "
        "`hierarchical_precision_at_5` of Random vectors (fold 2)."
    ]
    reported = fold_results(output, [1, 2, 3], as_markdown=True).partition("## Fold 0")[0]
    assert "### unseen\n" in reported
    assert "### unseen_plus_seen" not in reported
