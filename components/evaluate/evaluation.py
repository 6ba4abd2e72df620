"""evaluate: every model on the seen and the zero-shot labels.

Frome et al. 2013, section 4. Only test images are read; nothing is chosen by its figures.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from components.evaluate.kept_answers import Rankings
from components.evaluate.packed import Key, Unpacked, UnpackedCosines
from components.evaluate.rankings import (
    Asked,
    TrainedModel,
    model_name,
    rank_with_every_model,
)
from components.shared.artifacts.candidate_sets import CandidateSet, candidate_sets, tested_images
from components.shared.artifacts.evaluation import (
    CONTAMINATED,
    DEVISE,
    RANDOM,
    WITHOUT_VECTOR,
    baselines_of,
    check_variants,
    table_order,
    write_figures,
    write_predictions,
)
from components.shared.artifacts.features import (
    Features,
    FeatureView,
    held_out_images,
    read_features,
)
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.device import pick_device
from components.shared.execution.run_facts import RUN_FACTS
from components.shared.execution.stage_run import package_versions
from components.shared.images.index import read_index
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, mean_sizes, outside
from components.shared.ranking.metrics import KS, Correct, correct_labels
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.statistics.claims import UNSEEN, absent, claims_of
from components.shared.statistics.confidence import Confidence, confidence_of
from components.shared.statistics.scores import chance_scores, image_scores, mean_scores_of
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

KEPT_FACTS = ("code_version", "mlflow_run_id", *RUN_FACTS)
"""Facts of the run that belong to the figures, whoever reports them."""


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the evaluation reads.

    Attributes:
        taxonomy: Of prepare_taxonomy.
        image_index: Of prepare_images.
        visual_model: Of pretrain_visual.
        continued_visual_model: Of pretrain_visual, trained on.
        features: Of embed_images, of the first visual model.
        models: Of train_devise: `devise`, `random`, then the variants. Each folder says in
            config.json what its model is called, and holds its label space; the first one's labels
            are those of all.
    """

    taxonomy: Path
    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    features: Path
    models: tuple[Path, ...]


@dataclass(frozen=True)
class Compared:
    """What every model answered, and to what.

    Attributes:
        answers: The wnids of every ranking, object [images, 20].
        cosines: Of those labels, float32 [images, 20].
        models: Every model, in the order of the tables.
        tested: The DeViSE models that are tested against baselines.
        sets: The candidate sets.
        frame: Image index rows of the test images.
    """

    answers: Mapping[Key, np.ndarray]
    cosines: Mapping[Key, np.ndarray]
    models: tuple[str, ...]
    tested: list[str]
    sets: list[CandidateSet]
    frame: pd.DataFrame


def write_evaluation(
    config: EvaluateSettings,
    inputs: Inputs,
    evaluation: Path,
    run_facts: Mapping[str, Any] = MappingProxyType({}),
    checkpoints: CheckpointStore = NOWHERE,
) -> dict[str, float]:
    """Evaluate all models and write the figures and what they are made from.

    metrics.json, confidence.json, predictions.parquet and evaluation.json.

    Args:
        config: The stage's parameters.
        inputs: The artifacts.
        evaluation: Folder to write to.
        run_facts: Of the run around it, of which all but the stages' seconds are kept.
        checkpoints: Where a killed evaluation goes on from; the caller clears them.

    Returns:
        The content of metrics.json.

    Raises:
        ValueError: A zero-shot set has no image or is not in the label space, two models have one
            name, or a model belongs to another visual model.
    """
    taxonomy, space = read_taxonomy(inputs.taxonomy), _space(inputs.models[0])
    compared = _compared(config, inputs, space, checkpoints)
    hierarchy = build_hierarchy(taxonomy.edges)
    correct = correct_labels(hierarchy, compared.sets)
    metrics, confidence = figures_of(config, compared, correct)
    metrics |= _of_the_run(space, inputs.visual_model)
    facts = _facts(config, taxonomy, hierarchy, space, correct, compared.models)
    facts |= {name: run_facts[name] for name in KEPT_FACTS if name in run_facts}
    write_predictions(
        evaluation,
        compared.answers,
        compared.models,
        compared.sets,
        compared.frame,
        compared.cosines,
    )
    write_figures(evaluation, metrics, asdict(confidence), facts)
    return metrics


def variant_folders(inputs: Inputs) -> dict[str, Path]:
    """Return the folders of the further DeViSE models by their names, in the order given.

    Raises:
        ValueError: Two models have one name, or a folder holds none.
    """
    _, _, *variants = inputs.models
    names = [model_name(folder) for folder in variants]
    check_variants(names)
    return dict(zip(names, variants, strict=True))


def _space(model: Path) -> LabelSpace:
    return read_label_space(model / "label_space")


def _compared(
    config: EvaluateSettings, inputs: Inputs, space: LabelSpace, checkpoints: CheckpointStore
) -> Compared:
    """Ask every model."""
    index = read_index(inputs.image_index)
    frame = tested_images(index, space, config.set_names)
    sets = candidate_sets(space, config.set_names, frame)
    variants = variant_folders(inputs)
    features = _features_of(frame, index, read_features(inputs.features, index))
    asked = Asked(sets, frame, features, pick_device())
    rankings = _rankings(config, inputs, space, variants, asked, checkpoints)
    answers, cosines = Unpacked(rankings, asked.names), UnpackedCosines(rankings, asked.names)
    models = table_order({model for model, _ in answers}, list(variants))
    return Compared(answers, cosines, models, [DEVISE, *variants], sets, frame)


def _features_of(frame: pd.DataFrame, index: pd.DataFrame, features: Features) -> FeatureView:
    """The pretrained trunk's features of the images of `frame`, which are rows of `index`."""
    places = pd.Index(held_out_images(index)["path"]).get_indexer(frame["path"])
    return features.held_out().of(places)


def _rankings(
    config: EvaluateSettings,
    inputs: Inputs,
    space: LabelSpace,
    variants: dict[str, Path],
    asked: Asked,
    checkpoints: CheckpointStore,
) -> Rankings:
    devise, random, *_ = inputs.models
    trained = [
        TrainedModel(DEVISE, devise, space),
        *(TrainedModel(name, folder, _space(folder)) for name, folder in variants.items()),
        TrainedModel(RANDOM, random, _space(random)),
    ]
    return rank_with_every_model(
        config, inputs.visual_model, inputs.continued_visual_model, trained, asked, checkpoints
    )


def figures_of(
    config: EvaluateSettings, compared: Compared, correct: Correct
) -> tuple[dict[str, float], Confidence]:
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
    for scores in image_scores(compared.answers, models, sets, correct, frame):
        metrics |= mean_scores_of(scores)
        confidence |= confidence_of(scores, baselines, samples, seed, claims)
    return metrics, confidence.corrected()


def _of_the_run(space: LabelSpace, visual_model: Path) -> dict[str, float]:
    """Figures that belong to no model."""
    figures = {WITHOUT_VECTOR: float(len(space.facts["without_vector"]))}
    visual = json.loads((visual_model / "config.json").read_text(encoding="utf-8"))
    return figures | ({CONTAMINATED: 1.0} if visual.get(CONTAMINATED) else {})


def _facts(
    config: EvaluateSettings,
    taxonomy: Taxonomy,
    hierarchy: Hierarchy,
    space: LabelSpace,
    correct: Correct,
    models: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "models": list(models),
        "hierarchy": taxonomy.hierarchy,
        "labels_outside_hierarchy": outside(hierarchy, space.labels["wnid"]),
        "mean_correct_set_size": {name: mean_sizes(near, KS) for name, near in correct.items()},
        "parameters": config.model_dump(mode="json"),
        "versions": package_versions(),
    }
