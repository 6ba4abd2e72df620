"""Tables of what is left of seen and unseen classes where their labels compete, as Markdown."""

from collections.abc import Mapping

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN_AMONG
from components.shared.artifacts.evaluation import calibrated_of, is_calibrated, is_phase_1
from components.shared.artifacts.model_names import name_of
from components.shared.markdown import table
from components.shared.ranking.metrics import AUSUC, HARMONIC_MEAN
from components.shared.statistics.generalised import balance_of
from components.shared.statistics.without_shared_terms import shown_figures
from pipeline.results.labels import is_ranked
from pipeline.results.table import models_of

HEAD = ("seen", "unseen", "harmonic mean")
CALIBRATED = tuple(f"calibrated: {name}" for name in HEAD)


def zero_shot_sets_of(figures: Mapping[str, float]) -> list[str]:
    """Names of the zero-shot sets, by which seen images were ranked as well.

    Args:
        figures: By their public names.
    """
    names = {key.split("/")[1] for key in figures if key.count("/") == 2}
    sets = [name.removesuffix(PLUS_SEEN) for name in sorted(names) if name.endswith(PLUS_SEEN)]
    return [name for name in sets if f"{SEEN_AMONG}{name}" in names]


def generalised_part(
    zero_shot_set: str, figures: Mapping[str, float], spreads: Mapping[str, float]
) -> str:
    """A table of hit@1 as means over classes, their harmonic mean and AUSUC.

    Args:
        zero_shot_set: Name of the set.
        figures: Means over the seeds by their public names.
        spreads: Their standard deviations by the same names; 0 or none: there is nothing to show.
    """
    models = _final_models(figures, zero_shot_set)
    calibrated = set(map(calibrated_of, models))
    has_calibrated = any(key.split("/")[0] in calibrated for key in figures)
    rows = [_row(figures, spreads, model, zero_shot_set, has_calibrated) for model in models]
    head = ["model", *HEAD, *(CALIBRATED if has_calibrated else ()), "AUSUC"]
    title = f"### seen and {zero_shot_set} together: hit@1 as means over classes, %"
    return f"{title}\n\n{table(head, rows)}"


def without_shared_terms_part(
    zero_shot_set: str, figures: Mapping[str, float], without: Mapping[str, float]
) -> str:
    """A table without the classes that share a term, beside figures with them in brackets.

    Args:
        zero_shot_set: Name of the set.
        figures: Of all images, means over the seeds by their public names.
        without: Of the images of the other classes, by the same names.

    Returns:
        The table; empty where no label of the set shares a term with a seen one.
    """
    shown = shown_figures(zero_shot_set)
    end = f"{zero_shot_set}{PLUS_SEEN}/{HARMONIC_MEAN}"
    models = [one for one in _final_models(figures, zero_shot_set) if f"{one}/{end}" in without]
    rows = [
        [name_of(model), *(_both(model, name, figures, without) for name in shown.values())]
        for model in models
    ]
    title = f"### {zero_shot_set}: without classes that share a term (in brackets with them), %"
    return f"{title}\n\n{table(['model', *shown], rows)}" if rows else ""


def _final_models(figures: Mapping[str, float], zero_shot_set: str) -> list[str]:
    found = models_of(figures, f"{zero_shot_set}{PLUS_SEEN}")
    return [model for model in found if not (is_phase_1(model) or is_calibrated(model))]


def _row(
    figures: Mapping[str, float],
    spreads: Mapping[str, float],
    model: str,
    zero_shot_set: str,
    has_calibrated: bool,
) -> list[str]:
    shown, beside = (
        _row_of(one, model, zero_shot_set, has_calibrated) for one in (figures, spreads)
    )
    return [name_of(model), *map(_with_spread, shown, beside)]


def _row_of(
    figures: Mapping[str, float], model: str, zero_shot_set: str, has_calibrated: bool
) -> list[float | None]:
    shown = list(balance_of(figures, model, zero_shot_set).figures)
    if has_calibrated:
        shown += balance_of(figures, calibrated_of(model), zero_shot_set).figures
    return [*shown, figures.get(f"{model}/{zero_shot_set}/{AUSUC}")]


def _with_spread(figure: float | None, spread: float | None) -> str:
    return _percent(figure) + (f" ±{_percent(spread)}" if spread else "")


def _both(model: str, name: str, figures: Mapping[str, float], without: Mapping[str, float]) -> str:
    candidates, _, metric = name.partition("/")
    if metric != HARMONIC_MEAN and not is_ranked(figures, candidates, metric):
        return "–"
    key = f"{model}/{name}"
    return f"{_percent(without.get(key))} ({_percent(figures.get(key))})"


def _percent(figure: float | None) -> str:
    return "–" if figure is None else f"{100 * figure:.1f}"
