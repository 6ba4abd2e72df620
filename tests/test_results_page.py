"""The page of results says what was kept of the runs that it is made of."""

import json
import re
from itertools import zip_longest
from pathlib import Path

import pandas as pd
import pytest

from components.shared.artifacts.model_names import name_of
from pipeline.folds.tables import fold_results
from pipeline.local.repeats import FOLD, read_metrics, repeat_folder, repeats_in

DOCS = Path(__file__).resolve().parents[1] / "docs"
KEPT = DOCS / "runs" / "tiny_imagenet"
FOLDS = repeats_in(KEPT, FOLD)
TABLE = re.compile(r"^### (\S+)\n\n(\|.+?)\n\n", re.DOTALL | re.MULTILINE)
FIGURES = [f"flat_hit_at_{k}" for k in (1, 2, 5, 10, 20)]


def sections(text: str) -> dict[str, str]:
    """What stands under each heading of the second level."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {heading: own.strip() for heading, _, own in (part.partition("\n") for part in parts)}


PAGE = sections((DOCS / "results.md").read_text())


def tables_of_the_page() -> dict[str, dict[str, list[str]]]:
    """Of the folds that are kept: the cells of each model, by the candidate set."""
    own = PAGE[f"Fold{'s' * (len(FOLDS) > 1)} {', '.join(map(str, FOLDS))}"]
    found: dict[str, dict[str, list[str]]] = {}
    for name, table in TABLE.findall(own):
        rows = [line.strip("| ").split(" | ") for line in table.splitlines()]
        found.setdefault(name, {model: cells for model, *cells in rows})
    return found


def test_the_page_has_all_that_is_printed_of_what_is_kept() -> None:
    for heading, printed in sections(fold_results(KEPT, None, as_markdown=True)).items():
        assert heading in PAGE
        lines = zip_longest(PAGE[heading].splitlines(), printed.splitlines())
        differing = [f"{there!r} should be {here!r}" for there, here in lines if there != here]
        assert differing[:1] == [], f"Put under ## {heading} what `results {KEPT}` prints."


@pytest.mark.parametrize("candidates", ["unseen", "unseen_plus_seen"])
def test_the_zero_shot_tables_are_the_means_over_the_folds(candidates: str) -> None:
    table, metrics = tables_of_the_page()[candidates], read_metrics(KEPT, FOLD)
    # Each fold has as many unseen images.
    counts = metrics[f"devise/{candidates}/images"]["values"]
    assert len(set(counts)) == 1
    for name, found in metrics.items():
        model, _, end = name.partition(f"/{candidates}/")
        # A model that is its own phase 1 to the last figure stands there once.
        if end in FIGURES and name_of(model) in table:
            cell = table[name_of(model)][FIGURES.index(end)]
            assert cell.partition(" ")[0] == f"{100 * found['mean']:.1f}", name
    assert name_of("devise_best") in table


@pytest.mark.parametrize("number", FOLDS)
def test_the_scores_of_the_images_add_up_to_the_figures(number: int) -> None:
    folder = repeat_folder(KEPT, FOLD, number)
    metrics = json.loads((folder / "metrics.json").read_text())
    rows = pd.read_parquet(folder / "scores.parquet")
    figures = [name for name in rows.columns if "_at_" in name]
    means = rows.groupby(["model", "candidates"])[figures].mean()
    assert len(means) > 80
    for (model, candidates), row in means.iterrows():
        expected = {name: metrics[f"{model}/{candidates}/{name}"] for name in figures}
        assert row.to_dict() == pytest.approx(expected, abs=1e-9)
