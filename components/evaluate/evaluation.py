"""evaluate: every model on the seen and the zero-shot labels, and the report.

Frome et al. 2013, section 4. Only test images are read; nothing is chosen by its figures.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from components.evaluate.config import EvaluateConfig
from components.evaluate.predictions import write_predictions
from components.evaluate.rankings import Answers, ModelFolders, rank_with_every_model
from components.evaluate.report.data import (
    Artifacts,
    ReportData,
    display_names,
    read_artifacts,
)
from components.evaluate.report.page import report_page
from components.evaluate.scores import Correct, all_scores, correct_labels
from components.shared.candidate_sets import SEEN, CandidateSet, candidate_sets
from components.shared.device import pick_device
from components.shared.hierarchy import Hierarchy, build_hierarchy, mean_sizes, outside
from components.shared.image_index import read_index
from components.shared.image_store import ImageStore
from components.shared.label_space import LabelSpace, members, read_label_space
from components.shared.metrics import KS
from components.shared.stage_run import package_versions
from components.shared.taxonomy import Taxonomy, read_taxonomy

METRICS_FILE = "metrics.json"
PREDICTIONS_FILE = "predictions.parquet"
FACTS_FILE = "evaluation.json"


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the evaluation reads."""

    taxonomy: Path
    image_index: Path
    visual_model: Path
    label_space: Path
    random_label_space: Path
    devise_model: Path
    random_devise_model: Path


def write_evaluation(
    config: EvaluateConfig, inputs: Inputs, evaluation: Path, report: Path
) -> dict[str, float]:
    """Evaluate all models; write metrics.json, predictions.parquet, evaluation.json, the report.

    Args:
        config: the stage's parameters.
        inputs: the artifacts.
        evaluation: folder to write to.
        report: file to write the page to.

    Returns:
        The content of metrics.json.

    Raises:
        ValueError: a zero-shot set has no image or is not in the label space.
    """
    data = evaluated(config, inputs)
    evaluation.mkdir(parents=True, exist_ok=True)
    write_predictions(evaluation / PREDICTIONS_FILE, data.answers, data.sets, data.frame)
    _write_json(evaluation / METRICS_FILE, data.metrics)
    _write_json(evaluation / FACTS_FILE, data.facts)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(report_page(data), encoding="utf-8")
    return dict(data.metrics)


def evaluated(config: EvaluateConfig, inputs: Inputs) -> ReportData:
    """Evaluate all models and gather what the files and the report are made from."""
    taxonomy = read_taxonomy(inputs.taxonomy)
    space = read_label_space(inputs.label_space)
    frame = tested_images(read_index(inputs.image_index), space, config.set_names)
    sets = candidate_sets(space, config.set_names, frame)
    answers = _answers(config, inputs, space, sets, frame)
    hierarchy = build_hierarchy(taxonomy.edges)
    correct = correct_labels(hierarchy, space, sets)
    without_vector = space.facts["without_vector"]
    return ReportData(
        metrics=all_scores(answers, sets, correct, frame, len(without_vector)),
        facts=_facts(config, taxonomy, hierarchy, space, correct),
        answers=answers,
        sets=sets,
        frame=frame,
        correct=correct,
        hierarchy=hierarchy,
        names=display_names({wnid: taxonomy.terms[wnid] for wnid in space.labels["wnid"]}),
        artifacts=_artifacts(inputs),
        read_image=ImageStore(frame).read,
        gallery_images=config.gallery_images,
        seed=config.seed,
    )


def tested_images(index: pd.DataFrame, space: LabelSpace, set_names: list[str]) -> pd.DataFrame:
    """Return the test images of the seen labels and of the zero-shot sets, in index order."""
    tested = {wnid for name in [SEEN, *set_names] for wnid in members(space, name)}
    chosen = (index["split"] == "test") & index["wnid"].isin(tested)
    return index[chosen].reset_index(drop=True)


def _answers(
    config: EvaluateConfig,
    inputs: Inputs,
    space: LabelSpace,
    sets: list[CandidateSet],
    frame: pd.DataFrame,
) -> Answers:
    folders = ModelFolders(inputs.visual_model, inputs.devise_model, inputs.random_devise_model)
    spaces = {"devise": space, "random": read_label_space(inputs.random_label_space)}
    return rank_with_every_model(config, folders, spaces, sets, frame, pick_device())


def _artifacts(inputs: Inputs) -> Artifacts:
    return read_artifacts(
        inputs.taxonomy,
        inputs.image_index,
        inputs.label_space,
        inputs.visual_model,
        inputs.devise_model,
        inputs.random_devise_model,
    )


def _facts(
    config: EvaluateConfig,
    taxonomy: Taxonomy,
    hierarchy: Hierarchy,
    space: LabelSpace,
    correct: Correct,
) -> dict[str, Any]:
    return {
        "hierarchy": taxonomy.hierarchy,
        "labels_outside_hierarchy": outside(hierarchy, space.labels["wnid"]),
        "mean_correct_set_size": {name: mean_sizes(near, KS) for name, near in correct.items()},
        "parameters": asdict(config),
        "versions": package_versions(),
    }


def _write_json(file: Path, content: Any) -> None:
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
