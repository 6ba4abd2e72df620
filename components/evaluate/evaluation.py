"""evaluate: the figures of every model on the seen and the zero-shot labels, from its answers.

Frome et al. 2013, section 4. Only test images are asked about; nothing is chosen by its figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.calibration import (
    areas_and_curves,
    cosines_with_calibrated,
    curves_of,
    read_penalties,
    with_calibrated,
)
from components.shared.artifacts.answers import names_in, read_answers
from components.shared.artifacts.candidate_sets import CandidateSet, candidate_sets, tested_images
from components.shared.artifacts.compared import ComparedModels, read_compared
from components.shared.artifacts.evaluation import (
    CONTAMINATED,
    DEVISE,
    WITHOUT_VECTOR,
    baselines_of,
    no_curves,
    table_order,
    write_curves,
    write_figures,
    write_predictions,
)
from components.shared.artifacts.label_space import LabelSpace, SharingPair
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.execution.run_facts import RUN_FACTS
from components.shared.execution.stage_run import package_versions
from components.shared.images.index import read_index
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, mean_sizes, outside
from components.shared.ranking.metrics import KS, Correct, correct_labels
from components.shared.ranking.packed import Key, unpacked, unpacked_cosines
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.statistics.claims import UNSEEN, absent, claims_of
from components.shared.statistics.confidence import Confidence, confidence_of
from components.shared.statistics.generalised import harmonic_means
from components.shared.statistics.scores import chance_scores, image_scores, mean_scores_of
from components.shared.statistics.without_shared_terms import figures_without, sharing_classes

KEPT_FACTS = ("code_version", "mlflow_run_id", *RUN_FACTS)
"""Facts of the run that belong to the figures, whoever reports them."""


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the evaluation reads.

    Attributes:
        taxonomy: Of prepare_taxonomy.
        image_index: Of prepare_images.
        compared: Of fit_baselines.
        answers: Of rank_images, those of all parts in any order.
    """

    taxonomy: Path
    image_index: Path
    compared: Path
    answers: tuple[Path, ...]


@dataclass(frozen=True)
class Compared:
    """What every model answered, and to what.

    Attributes:
        answers: The wnids of every ranking, object [images, 20]; one is read when it is asked for.
        cosines: Of those labels, float32 [images, 20], in the same way.
        models: Every model, in the order of the tables.
        tested: The DeViSE models that are tested against baselines.
        sets: The candidate sets.
        frame: Image index rows of the test images.
        versions: Of the packages that the answers were made with.
        pairs: Of a seen and an unseen label that share a term.
        areas: Below the seen-unseen curves, by their public names.
        curves: Their points: model, set, penalty, seen, unseen.
    """

    answers: Mapping[Key, np.ndarray]
    cosines: Mapping[Key, np.ndarray]
    models: tuple[str, ...]
    tested: list[str]
    sets: list[CandidateSet]
    frame: pd.DataFrame
    versions: Mapping[str, str] = field(default_factory=dict)
    pairs: Sequence[SharingPair] = ()
    areas: Mapping[str, float] = field(default_factory=dict)
    curves: pd.DataFrame = field(default_factory=no_curves)


@dataclass(frozen=True)
class Figures:
    """What the answers are worth.

    Attributes:
        metrics: Content of metrics.json, but for what belongs to no model.
        confidence: How sure these are.
        without: The figures without the classes that share a term, by the same names.
    """

    metrics: dict[str, float]
    confidence: Confidence
    without: dict[str, float]


def write_evaluation(
    config: EvaluateSettings,
    inputs: Inputs,
    evaluation: Path,
    run_facts: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, float]:
    """Join the answers of all parts, and write the figures and what they are made from.

    metrics.json, confidence.json, without_shared_terms.json, predictions.parquet,
    calibration.parquet and evaluation.json.

    Args:
        config: The stage's parameters.
        inputs: The artifacts.
        evaluation: Folder to write to.
        run_facts: Of the run around it, of which all but the stages' seconds are kept.

    Returns:
        The content of metrics.json.

    Raises:
        ValueError: A part of the answers is missing, they are of other images, or a penalty is of
            no model.
    """
    taxonomy, models = read_taxonomy(inputs.taxonomy), read_compared(inputs.compared)
    compared, space = _compared(config, inputs, models), models.space_of(DEVISE)
    hierarchy = build_hierarchy(taxonomy.edges)
    correct = correct_labels(hierarchy, compared.sets)
    figures = figures_of(config, compared, correct)
    metrics = figures.metrics | dict(compared.areas) | _of_the_run(space, models)
    facts = _facts(config, taxonomy, hierarchy, space, correct, compared)
    facts |= {name: run_facts[name] for name in KEPT_FACTS if name in run_facts}
    write_predictions(
        evaluation,
        compared.answers,
        compared.models,
        compared.sets,
        compared.frame,
        compared.cosines,
    )
    write_figures(evaluation, metrics, asdict(figures.confidence), facts, figures.without)
    write_curves(evaluation, compared.curves)
    return metrics


def _compared(config: EvaluateSettings, inputs: Inputs, models: ComparedModels) -> Compared:
    """Find what every model answered to what."""
    space = models.space_of(DEVISE)
    frame = tested_images(read_index(inputs.image_index), space, config.set_names)
    sets = candidate_sets(space, config.set_names, frame)
    found, names = read_answers(inputs.answers, len(frame)), names_in(sets)
    rankings = found.rankings
    calibration = sets, read_penalties(config.penalties, rankings, sets)
    answers = with_calibrated(unpacked(rankings, names), rankings, names, *calibration)
    cosines = cosines_with_calibrated(unpacked_cosines(rankings), rankings, *calibration)
    areas, curves = areas_and_curves(curves_of(rankings, names, sets, frame))
    order = table_order({model for model, _ in answers}, models.variants)
    tested = [DEVISE, *models.variants]
    pairs = space.facts["pairs_sharing_terms"]
    return Compared(
        answers, cosines, order, tested, sets, frame, found.versions, pairs, areas, curves
    )


def figures_of(config: EvaluateSettings, compared: Compared, correct: Correct) -> Figures:
    """Return the means of all figures and how sure they are, one candidate set after the other.

    Args:
        config: The stage's parameters.
        compared: What every model answered; one ranking after the other is asked for.
        correct: hCorrectSet of every true label.
    """
    models, sets, frame = compared.models, compared.sets, compared.frame
    metrics = chance_scores(sets, correct, frame)
    confidence = Confidence(config.bootstrap_samples)
    baselines = {model: baselines_of(model, models) for model in compared.tested}
    claims = claims_of(config.set_names[0] if config.set_names else UNSEEN)
    samples, seed = config.bootstrap_samples, config.seed
    names = [candidates.name for candidates in sets]
    confidence |= Confidence(samples, claims_left_out=absent(claims, names))
    sharing = sharing_classes(compared.pairs, sets)
    without: dict[str, float] = {}
    every = image_scores(compared.answers, models, sets, correct, frame)
    for scores, candidates in zip(every, sets, strict=True):
        metrics |= mean_scores_of(scores)
        confidence |= confidence_of(scores, baselines, samples, seed, claims)
        if classes := sharing.get(candidates.name):
            without |= figures_without(scores, candidates, classes, correct, frame)
    metrics |= harmonic_means(metrics)
    return Figures(metrics, confidence.corrected(), without | harmonic_means(without))


def _of_the_run(space: LabelSpace, models: ComparedModels) -> dict[str, float]:
    """Figures that belong to no model."""
    figures = {WITHOUT_VECTOR: float(len(space.facts["without_vector"]))}
    return figures | ({CONTAMINATED: 1.0} if models.contaminated else {})


def _facts(
    config: EvaluateSettings,
    taxonomy: Taxonomy,
    hierarchy: Hierarchy,
    space: LabelSpace,
    correct: Correct,
    compared: Compared,
) -> dict[str, Any]:
    return {
        "models": list(compared.models),
        "hierarchy": taxonomy.hierarchy,
        "labels_outside_hierarchy": outside(hierarchy, space.labels["wnid"]),
        "mean_correct_set_size": {name: mean_sizes(near, KS) for name, near in correct.items()},
        "parameters": config.model_dump(mode="json"),
        "versions": {**compared.versions, **package_versions()},
    }
