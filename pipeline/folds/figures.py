"""Figures over several folds, how sure they are, and the claims that they allow.

On unseen labels classes are drawn, and images within them, from all folds together: each class is
unseen once. On seen labels images are drawn, of each the mean over the folds that its class is seen
in; the spread of the folds' own means stands beside it. Harmonic means are those of figures of all
folds together; AUSUC, for which the images' scores would be needed, is the mean over the folds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.shared.artifacts.evaluation import CHANCE, DEVISE, baselines_of
from components.shared.settings.variants import parse_variant
from components.shared.statistics.claims import UNSEEN, Claim, absent, claims_of
from components.shared.statistics.confidence import Confidence, confidence_of
from components.shared.statistics.generalised import harmonic_means
from components.shared.statistics.scores import ImageScores, mean_scores_of
from pipeline.folds.kept import open_fold
from pipeline.folds.scores import joined
from pipeline.folds.shared_terms import figures_without, sharing_in
from pipeline.local.repeats import FOLD, metrics_together, repeat_folder

Means = dict[str, dict[str, Any]]
"""Of each figure, by its public name: mean, standard_deviation, values of the folds."""


@dataclass(frozen=True)
class FoldFigures:
    """What several folds say together.

    Attributes:
        means: Of each figure that every fold has its mean, and the standard deviation over the
            folds; 0 on unseen labels, which are others in each.
        confidence: Of the figures that are means over images.
        without: The figures without the classes that share a term with a label of the other role;
            chance has none, and there are none where no fold has such classes.
        pairs: The pairs of labels that share a term, by name, of each fold that has such.
    """

    means: Means
    confidence: Confidence
    without: dict[str, float]
    pairs: dict[int, list[str]]


def figures_over(output: Path, numbers: Sequence[int]) -> FoldFigures:
    """Put the figures of folds together.

    Args:
        output: Folder of all runs.
        numbers: Of the folds.

    Raises:
        ValueError: A file of a fold is missing.
    """
    folders = [repeat_folder(output, FOLD, number) for number in numbers]
    found = [json.loads((folder / "metrics.json").read_text()) for folder in folders]
    values = json.loads((folders[0] / "run.json").read_text())["parameters"]
    means: Means = metrics_together(found)
    claims = _claims(values)
    folds = [open_fold(folder) for folder in folders]
    sets = [name for name in folds[0].candidates if all(name in one.candidates for one in folds)]
    sharing = [sharing_in(folder, sets) for folder in folders]
    samples = values["evaluate_bootstrap_samples"]
    confidence = Confidence(samples, claims_left_out=absent(claims, sets))
    without: dict[str, float] = {}
    for name in sets:
        parts = [fold.scores(name) for fold in folds]
        scores = joined(parts)
        means |= _means(scores, means)
        confidence |= _confidence(scores, values, claims)
        without |= figures_without(parts, sharing)
    means, without = means | _harmonic_means(means), without | harmonic_means(without)
    pairs = {number: own.pairs for number, own in zip(numbers, sharing, strict=True) if own.pairs}
    return FoldFigures(means, confidence.corrected(), without, pairs)


def _claims(values: Mapping[str, Any]) -> tuple[Claim, ...]:
    sets = values["evaluate_zero_shot_sets"]
    return claims_of(sets[0].partition("=")[0] if sets else UNSEEN)


def _confidence(
    scores: ImageScores, values: Mapping[str, Any], claims: Sequence[Claim]
) -> Confidence:
    variants = [parse_variant(text).name for text in values["devise_variants"]]
    tested = [model for model in (DEVISE, *variants) if model in scores.models]
    baselines = {model: baselines_of(model, scores.models) for model in tested}
    samples, seed = values["evaluate_bootstrap_samples"], values["seed"]
    return confidence_of(scores, baselines, samples, seed, claims)


def _means(scores: ImageScores, means: Mapping[str, Mapping[str, Any]]) -> Means:
    """The figures of one candidate set: means over its images in place of those over folds."""
    found = mean_scores_of(scores).items()
    own = {name: {**means[name], "mean": mean} for name, mean in found if name in means}
    if not scores.by_class:
        return own
    start = f"{CHANCE}/{scores.candidates}/"
    own |= {name: dict(one) for name, one in means.items() if name.startswith(start)}
    return {name: {**one, "standard_deviation": 0.0} for name, one in own.items()}


def _harmonic_means(means: Mapping[str, Mapping[str, Any]]) -> Means:
    """Those of the figures over all folds, which the mean of the folds' own is not."""
    found = harmonic_means({name: one["mean"] for name, one in means.items()}).items()
    return {
        name: {**means[name], "mean": mean, "standard_deviation": 0.0}
        for name, mean in found
        if name in means
    }
