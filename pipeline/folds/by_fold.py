"""A table of folds side by side, which says how much depends on which classes are unseen."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN
from components.shared.artifacts.evaluation import is_calibrated, is_phase_1
from components.shared.artifacts.model_names import name_of
from components.shared.markdown import table
from components.shared.ranking.metrics import FLAT_HIT
from pipeline.results.labels import is_ranked
from pipeline.results.table import candidates_of, models_of

Means = Mapping[str, Mapping[str, Any]]
"""Of each figure, by its public name: its `mean` over all folds, and `values`, one a fold."""


def by_fold_parts(numbers: Sequence[int], means: Means) -> list[str]:
    """Return a table for each zero-shot set, in per cent; none where there is one fold alone.

    Args:
        numbers: Of the folds, in the order of the values.
        means: The figures.
    """
    names = candidates_of({name: found["mean"] for name, found in means.items()})
    sets = [name for name in names if f"{name}{PLUS_SEEN}" in names]
    return [_by_fold(name, numbers, means) for name in sets if len(numbers) > 1]


def _by_fold(zero_shot_set: str, numbers: Sequence[int], means: Means) -> str:
    figures = {name: found["mean"] for name, found in means.items()}
    columns = [(SEEN, 1), (zero_shot_set, 1), (zero_shot_set, 5)]
    folds = [*(f"fold {number}" for number in numbers), "all"]
    head = ["model", *(f"{name} hit@{k}: {fold}" for name, k in columns for fold in folds)]
    none = ["–"] * len(folds)
    rows = []
    for model in models_of(figures, SEEN):
        if not (is_phase_1(model) or is_calibrated(model)):
            cells = (_cells(model, *column, means, figures) or none for column in columns)
            rows.append([name_of(model), *(cell for own in cells for cell in own)])
    return f"### By fold: {SEEN} and {zero_shot_set}, %\n\n{table(head, rows)}"


def _cells(
    model: str, candidates: str, k: int, means: Means, figures: Mapping[str, float]
) -> list[str]:
    """The hits of each fold and of all; nothing where the model or the labels have none."""
    found = means.get(f"{model}/{candidates}/{FLAT_HIT}{k}")
    if found is None or not is_ranked(figures, candidates, f"{FLAT_HIT}{k}"):
        return []
    return [f"{100 * value:.1f}" for value in (*found["values"], found["mean"])]
