"""The comparison of all models as plain text, from the content of metrics.json."""

from collections.abc import Mapping

from components.shared.artifacts.evaluation import CHANCE, order_by_name
from components.shared.artifacts.model_names import name_of
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION, KS
from pipeline.results.labels import is_ranked

PRECISION_KS = tuple(k for k in KS if k > 1)
COLUMNS = [f"{FLAT_HIT}{k}" for k in KS] + [f"{HIERARCHICAL_PRECISION}{k}" for k in PRECISION_KS]
NAME_WIDTH, WIDTH = 23, 6


def comparison_table(metrics: Mapping[str, float]) -> str:
    """Return a table for each candidate set, figures in per cent.

    Where there are fewer labels than a column's k it has dashes.

    Args:
        metrics: Content of metrics.json; a figure that is not there is left blank.
    """
    return "\n\n".join(_table(metrics, candidates) for candidates in candidates_of(metrics))


def candidates_of(metrics: Mapping[str, float]) -> list[str]:
    """Names of the candidate sets, the labels trained on first."""
    names = {key.split("/")[1] for key in metrics if key.count("/") == 2}
    return sorted(names, key=lambda name: (name != "seen", name))


def models_of(metrics: Mapping[str, float], candidates: str) -> list[str]:
    """Names of the models that ranked a candidate set, in their order, chance last."""
    found = {key.split("/")[0] for key in metrics if f"/{candidates}/" in key}
    return order_by_name(found | {CHANCE})


def _table(metrics: Mapping[str, float], candidates: str) -> str:
    models = models_of(metrics, candidates)
    images = {metrics.get(f"{model}/{candidates}/images") for model in models} - {None}
    title = f"{candidates}: {images.pop():,.0f} test images" if images else candidates
    return "\n".join([title, *_head(), *(_row(metrics, candidates, m) for m in models)])


def _head() -> list[str]:
    hits, precisions = len(KS) * WIDTH, len(PRECISION_KS) * WIDTH
    groups = f"{'hit@k, %':>{hits - 2}}  {'hierarchical precision@k, %':>{precisions + 3}}"
    ks = (
        "".join(f"{k:>{WIDTH}}" for k in KS)
        + "   "
        + "".join(f"{k:>{WIDTH}}" for k in PRECISION_KS)
    )
    return [f"{'':{NAME_WIDTH}}{groups}", f"{'k':{NAME_WIDTH}}{ks}"]


def _row(metrics: Mapping[str, float], candidates: str, model: str) -> str:
    cells = [cell(metrics, candidates, model, column) for column in COLUMNS]
    name = f"{name_of(model):{NAME_WIDTH}.{NAME_WIDTH}}"
    return name + "".join(cells[: len(KS)]) + "   " + "".join(cells[len(KS) :])


def cell(metrics: Mapping[str, float], candidates: str, model: str, column: str) -> str:
    """A figure in per cent, `WIDTH` wide; a dash where there are fewer labels than its k.

    Args:
        metrics: Content of metrics.json.
        candidates: The candidate set.
        model: Whose.
        column: The metric's name.
    """
    figure = metrics.get(f"{model}/{candidates}/{column}")
    if figure is None:
        return " " * WIDTH
    if not is_ranked(metrics, candidates, column):
        return f"{'-':>{WIDTH - 1}} "
    return f"{100 * figure:>{WIDTH - 1}.1f} "
