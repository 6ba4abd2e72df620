"""evaluate: every model on the seen and the zero-shot labels, and the report.

Frome et al. 2013, section 4. Only test images are read; nothing is chosen by its figures.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from components.evaluate.confidence import Confidence, confidence_of
from components.evaluate.predictions import write_predictions
from components.evaluate.rankings import (
    Answers,
    Asked,
    TrainedModel,
    model_name,
    rank_with_every_model,
)
from components.evaluate.report.data import (
    Artifacts,
    ReportData,
    display_names,
    read_artifacts,
)
from components.evaluate.report.page import report_page
from components.evaluate.scores import (
    CONTAMINATED,
    WITHOUT_VECTOR,
    Correct,
    chance_scores,
    correct_labels,
    image_scores,
    mean_scores_of,
)
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet, candidate_sets
from components.shared.artifacts.evaluation import (
    CONTINUED,
    DEVISE,
    RANDOM,
    baselines_of,
    check_variants,
    table_order,
)
from components.shared.artifacts.label_space import LabelSpace, members, read_label_space
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.device import pick_device
from components.shared.execution.stage_run import package_versions
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy, mean_sizes, outside
from components.shared.ranking.metrics import KS
from components.shared.settings.evaluate import EvaluateSettings

METRICS_FILE = "metrics.json"
CONFIDENCE_FILE = "confidence.json"
PREDICTIONS_FILE = "predictions.parquet"
FACTS_FILE = "evaluation.json"


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the evaluation reads."""

    taxonomy: Path
    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    label_space: Path
    random_label_space: Path
    devise_model: Path
    random_devise_model: Path
    variant_models: tuple[Path, ...] = ()


def write_evaluation(
    config: EvaluateSettings,
    inputs: Inputs,
    evaluation: Path,
    report: Path,
    run_facts: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, float]:
    """Evaluate all models and write the figures, what they are made from, and the report.

    metrics.json, confidence.json, predictions.parquet and evaluation.json.

    Args:
        config: the stage's parameters.
        inputs: the artifacts.
        evaluation: folder to write to.
        report: file to write the page to.
        run_facts: of the run around it, for the report: code_version, mlflow_run_id,
            stage_seconds.

    Returns:
        The content of metrics.json.

    Raises:
        ValueError: a zero-shot set has no image or is not in the label space, two models have one
            name, or a model belongs to another visual model.
    """
    data = evaluated(config, inputs)
    data = replace(data, facts={**data.facts, **run_facts})
    evaluation.mkdir(parents=True, exist_ok=True)
    file = evaluation / PREDICTIONS_FILE
    write_predictions(file, data.answers, data.models, data.sets, data.frame)
    _write_json(evaluation / METRICS_FILE, data.metrics)
    _write_json(evaluation / CONFIDENCE_FILE, data.confidence)
    _write_json(evaluation / FACTS_FILE, data.facts)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(report_page(data), encoding="utf-8")
    return dict(data.metrics)


def evaluated(config: EvaluateSettings, inputs: Inputs) -> ReportData:
    """Evaluate all models and gather what the files and the report are made from."""
    taxonomy = read_taxonomy(inputs.taxonomy)
    space = read_label_space(inputs.label_space)
    frame = tested_images(read_index(inputs.image_index), space, config.set_names)
    sets = candidate_sets(space, config.set_names, frame)
    variants = variant_folders(inputs)
    answers = _answers(config, inputs, space, variants, Asked(sets, frame, pick_device()))
    models = table_order({model for model, _ in answers}, list(variants))
    hierarchy = build_hierarchy(taxonomy.edges)
    correct = correct_labels(hierarchy, space, sets)
    tested = [DEVISE, *variants]
    metrics, confidence = _figures(config, answers, models, tested, sets, correct, frame)
    artifacts = _artifacts(inputs, variants)
    contaminated = bool(artifacts.visual.get(CONTAMINATED))
    return ReportData(
        metrics={**metrics, **_of_the_run(space, contaminated)},
        facts=_facts(config, taxonomy, hierarchy, space, correct, models),
        answers=answers,
        sets=sets,
        frame=frame,
        correct=correct,
        hierarchy=hierarchy,
        names=display_names({wnid: taxonomy.terms[wnid] for wnid in space.labels["wnid"]}),
        artifacts=artifacts,
        read_image=ImageStore(frame).read,
        gallery_images=config.gallery_images,
        seed=config.seed,
        models=models,
        confidence=asdict(confidence),
        contaminated=contaminated,
    )


def variant_folders(inputs: Inputs) -> dict[str, Path]:
    """Return the folders of the further DeViSE models by their names, in the order given.

    Raises:
        ValueError: two models have one name, or a folder holds none.
    """
    names = [model_name(folder) for folder in inputs.variant_models]
    check_variants(names)
    return dict(zip(names, inputs.variant_models, strict=True))


def tested_images(index: pd.DataFrame, space: LabelSpace, set_names: list[str]) -> pd.DataFrame:
    """Return the test images of the seen labels and of the zero-shot sets, in index order."""
    tested = {wnid for name in [SEEN, *set_names] for wnid in members(space, name)}
    chosen = (index["split"] == "test") & index["wnid"].isin(tested)
    return index[chosen].reset_index(drop=True)


def _answers(
    config: EvaluateSettings,
    inputs: Inputs,
    space: LabelSpace,
    variants: dict[str, Path],
    asked: Asked,
) -> Answers:
    random = read_label_space(inputs.random_label_space)
    trained = [
        TrainedModel(DEVISE, inputs.devise_model, space),
        *(
            TrainedModel(name, folder, read_label_space(folder / "label_space"))
            for name, folder in variants.items()
        ),
        TrainedModel(RANDOM, inputs.random_devise_model, random),
    ]
    return rank_with_every_model(
        config, inputs.visual_model, inputs.continued_visual_model, trained, asked
    )


def _figures(
    config: EvaluateSettings,
    answers: Answers,
    models: tuple[str, ...],
    tested: list[str],
    sets: list[CandidateSet],
    correct: Correct,
    frame: pd.DataFrame,
) -> tuple[dict[str, float], Confidence]:
    """The means of all figures and how sure they are, one candidate set after the other."""
    metrics = chance_scores(sets, correct, frame)
    confidence = Confidence(config.bootstrap_samples)
    baselines = {model: baselines_of(model, models) for model in tested}
    for scores in image_scores(answers, models, sets, correct, frame):
        metrics |= mean_scores_of(scores)
        confidence |= confidence_of(scores, baselines, config.bootstrap_samples, config.seed)
    return metrics, confidence


def _of_the_run(space: LabelSpace, contaminated: bool) -> dict[str, float]:
    """Figures that belong to no model."""
    figures = {WITHOUT_VECTOR: float(len(space.facts["without_vector"]))}
    return figures | ({CONTAMINATED: 1.0} if contaminated else {})


def _artifacts(inputs: Inputs, variants: dict[str, Path]) -> Artifacts:
    """What earlier stages wrote, also of the models that the report's own reader does not know."""
    known = read_artifacts(
        inputs.taxonomy,
        inputs.image_index,
        inputs.label_space,
        inputs.visual_model,
        inputs.devise_model,
        inputs.random_devise_model,
    )
    others = {CONTINUED: inputs.continued_visual_model, **variants}
    histories = {name: _read_json(folder / "history.json") for name, folder in others.items()}
    configs = {name: _read_json(folder / "config.json") for name, folder in variants.items()}
    return replace(known, histories={**known.histories, **histories}, variants=configs)


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


def _read_json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _write_json(file: Path, content: Any) -> None:
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
