"""What came out of a run, in a table that needs no other page: few models and figures, in words."""

import textwrap
from collections.abc import Mapping

from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.evaluation import CHANCE, CONSE, DEVISE, RANDOM, SOFTMAX
from components.shared.artifacts.model_names import name_of
from pipeline.results.table import NAME_WIDTH, WIDTH, candidates_of, cell, models_of

MODELS = (SOFTMAX, DEVISE, RANDOM, CONSE, CHANCE)
HIT_1 = "flat_hit_at_1"
COLUMNS = {
    "hit@1": HIT_1,
    "hit@5": "flat_hit_at_5",
    "hp@5": "hierarchical_precision_at_5",
}
TITLES = {SEEN: "labels trained on", "unseen": "unseen labels"}
WORDS = """\
unseen labels   no training image had them; here they are ranked alone
hit@k           % of test images whose true label is among the first k
hp@5            % of the first 5 labels near the true one in the hierarchy
Softmax         the plain classifier, which names what it was trained on
DeViSE          images laid among word vectors; the nearest labels are it
Random vectors  DeViSE with vectors that mean nothing: what words bring
ConSE           the mean vector of the softmax's labels; no more training"""
GAP, LINE = "    ", 79


def brief_table(metrics: Mapping[str, float]) -> str:
    """Return the table, figures in per cent, the highest of all rows, and its words.

    Args:
        metrics: Content of metrics.json.
    """
    sets = _sets(metrics)
    found = models_of(metrics, sets[0])
    rows = [_row(metrics, sets, model) for model in MODELS if model in found]
    return "\n".join([*_head(sets), *rows, "", *_highest(metrics, sets), WORDS])


def _sets(metrics: Mapping[str, float]) -> list[str]:
    """The labels trained on, and those of the first zero-shot set alone."""
    names = candidates_of(metrics)
    alone = [name for name in names if f"{name}_plus_{SEEN}" in names]
    return [name for name in (SEEN, *alone[:1]) if name in names]


def _head(sets: list[str]) -> list[str]:
    width = len(COLUMNS) * WIDTH
    titles = [f"{TITLES.get(name, name):>{width - 1}} " for name in sets]
    names = "".join(f"{name:>{WIDTH - 1}} " for name in COLUMNS)
    start = " " * NAME_WIDTH
    return [start + GAP.join(titles), start + GAP.join([names] * len(sets))]


def _highest(metrics: Mapping[str, float], sets: list[str]) -> list[str]:
    """Name the row that has the highest hit@1 on unseen labels, shown or not; a tie's first."""
    found = {
        (name, model): figure
        for name in sets
        if name != SEEN
        for model in models_of(metrics, name)
        if (figure := metrics.get(f"{model}/{name}/{HIT_1}")) is not None
    }
    if not found:
        return []
    name, model = max(found, key=lambda key: found[key])
    text = f"Highest hit@1 on {TITLES.get(name, name)} of all rows: {name_of(model)} "
    return [*textwrap.wrap(f"{text}{100 * found[name, model]:.1f} %.", LINE), ""]


def _row(metrics: Mapping[str, float], sets: list[str], model: str) -> str:
    groups = [
        "".join(cell(metrics, name, model, column) for column in COLUMNS.values()) for name in sets
    ]
    return f"{name_of(model):{NAME_WIDTH}}{GAP.join(groups)}".rstrip()
