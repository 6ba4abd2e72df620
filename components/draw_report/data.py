"""What the report is drawn from, gathered once and handed to every section."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from components.draw_report.branches import paths_from_root
from components.draw_report.label_names import display_names
from components.shared.artifacts.candidate_sets import (
    CandidateSet,
    candidate_sets,
    tested_images,
)
from components.shared.artifacts.evaluation import (
    CONTAMINATED,
    CONTINUED,
    DEVISE,
    RANDOM,
    VISUAL,
    Answers,
    Cosines,
    Evaluation,
    is_phase_1,
    no_curves,
    read_evaluation,
)
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.artifacts.taxonomy import FACTS_FILE, IS_A_FILE, Taxonomy, read_taxonomy
from components.shared.images import index as images
from components.shared.images.shards import ImageStore
from components.shared.ranking.hierarchy import CorrectSets, Hierarchy, build_hierarchy
from components.shared.ranking.metrics import correct_labels, k_of
from components.shared.settings.devise import SOFT_LABEL_SHARE
from components.shared.settings.report import ReportSettings
from components.shared.settings.variants import parse_variant

CONFIG, HISTORY = "config.json", "history.json"
"""Files of a trained model's folder."""


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that the report reads.

    Attributes:
        taxonomy: Of prepare_taxonomy.
        image_index: Of prepare_images.
        visual_model: Of pretrain_visual.
        continued_visual_model: Of pretrain_visual, trained on.
        models: Of train_devise: `devise`, `random`, then the variants. Each folder says in
            config.json what its model is called; the first holds the label space of all.
        evaluation: Of evaluate.
    """

    taxonomy: Path
    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    models: tuple[Path, ...]
    evaluation: Path


@dataclass(frozen=True)
class Artifacts:
    """The facts that earlier stages wrote beside their results.

    Attributes:
        taxonomy: taxonomy.json.
        images: images.json.
        classes: classes.parquet, a row a class with the images of each split.
        label_space: label_space.json.
        visual: config.json of the visual model.
        devise: config.json of the DeViSE model.
        histories: Rows an epoch of `visual` and of every model that was trained after it.
        space: The labels and their vectors.
        terms: The first term of every synset of the hierarchy.
        is_a: (parent, child) where the hierarchy has a direction, else empty.
        variants: config.json of further DeViSE models, by the model's name.
        soft_labels: Names of the models whose training spread targets by the hierarchy.
        retrofitted: Names of the models whose label vectors lean on their neighbours' in it.
    """

    taxonomy: Mapping[str, Any]
    images: Mapping[str, Any]
    classes: pd.DataFrame
    label_space: Mapping[str, Any]
    visual: Mapping[str, Any]
    devise: Mapping[str, Any]
    histories: Mapping[str, Sequence[Mapping[str, Any]]]
    space: LabelSpace
    terms: Mapping[str, str]
    is_a: Sequence[tuple[str, str]] = ()
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    soft_labels: frozenset[str] = frozenset()
    retrofitted: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ReportData:
    """Everything the sections show.

    Attributes:
        metrics: Content of metrics.json.
        facts: Content of evaluation.json.
        answers: Every ranking. One can be as large as the memory that is left: it is read anew
            each time it is asked for, so that a section asks once and keeps what it shows.
        cosines: Of its labels, NaN where a model does not rank by cosine; as with the rankings.
        sets: The candidate sets.
        frame: Image index rows of the test images.
        correct: hCorrectSet of each label, by the candidate sets' `labels`.
        hierarchy: The graph.
        names: What a label is called, by wnid; no two are called the same.
        artifacts: What earlier stages say.
        read_image: Encoded JPEG of a row of `frame`.
        gallery_images: How many images the gallery shows.
        seed: Of its draw, and of the map of the labels.
        models: Every model, in the order of the tables.
        confidence: `intervals` by metric, [low, high]; `paired` tests by
            `<model>_vs_<baseline>/<candidates>/<metric>`; None where none was computed.
        contaminated: Whether the visual network had seen a zero-shot class.
        without: Figures without the classes that share a term, by their public names.
        curves: The seen-unseen curves, a row a point: model, set, penalty, seen, unseen.
    """

    metrics: Mapping[str, float]
    facts: Mapping[str, Any]
    answers: Answers
    cosines: Cosines
    sets: Sequence[CandidateSet]
    frame: pd.DataFrame
    correct: Mapping[str, Mapping[str, CorrectSets]]
    hierarchy: Hierarchy
    names: Mapping[str, str]
    artifacts: Artifacts
    read_image: Callable[[int], bytes]
    gallery_images: int
    seed: int
    models: tuple[str, ...]
    confidence: Mapping[str, Any] | None = None
    contaminated: bool = False
    without: Mapping[str, float] = field(default_factory=dict)
    curves: pd.DataFrame = field(default_factory=no_curves)

    def final_models(self, candidates: str) -> list[str]:
        """Return the models that answer for a candidate set, without those before phase 2."""
        return [model for model in self.answering(candidates) if not is_phase_1(model)]

    def answering(self, candidates: str) -> list[str]:
        """Return the models that answered a candidate set, in the order of the tables."""
        return [model for model in self.models if (model, candidates) in self.answers]

    def candidates(self, name: str) -> CandidateSet:
        """Return the candidate set of a name."""
        return next(one for one in self.sets if one.name == name)

    def is_ranked(self, candidates: str, column: str) -> bool:
        """Return whether a candidate set has as many labels as a column's k asks for."""
        return k_of(column) <= len(self.candidates(candidates).members)

    def zero_shot_sets(self) -> list[str]:
        """Return the names of the zero-shot sets."""
        return [one.name for one in self.sets if one.name == one.labels and one.is_zero_shot]


def read_report_data(
    settings: ReportSettings, inputs: Inputs, run_facts: Mapping[str, Any]
) -> ReportData:
    """Read back what the report shows from the artifacts of earlier stages.

    Args:
        settings: How much is drawn, and the seed of it.
        inputs: The artifacts.
        run_facts: Of the run around it, where the evaluation itself does not know them.

    Raises:
        ValueError: An artifact is not whole, or the evaluation is of other images.
    """
    evaluation = read_evaluation(inputs.evaluation)
    taxonomy = read_taxonomy(inputs.taxonomy)
    space = read_label_space(inputs.models[0] / "label_space")
    names = evaluation.zero_shot_sets
    frame = tested_images(images.read_index(inputs.image_index), space, names)
    sets = candidate_sets(space, names, frame)
    _check_images(evaluation, sets, frame)
    hierarchy = build_hierarchy(taxonomy.edges)
    artifacts = _artifacts(inputs, taxonomy, space)
    return ReportData(
        metrics=evaluation.metrics,
        facts={**run_facts, **evaluation.facts},
        answers=evaluation.answers,
        cosines=evaluation.cosines,
        sets=sets,
        frame=frame,
        correct=correct_labels(hierarchy, sets),
        hierarchy=hierarchy,
        names=_names(taxonomy, artifacts, hierarchy, list(space.labels["wnid"])),
        artifacts=artifacts,
        read_image=ImageStore(frame).read,
        gallery_images=settings.gallery_images,
        seed=settings.seed,
        models=evaluation.models,
        confidence=evaluation.confidence,
        contaminated=bool(evaluation.metrics.get(CONTAMINATED)),
        without=evaluation.without,
        curves=evaluation.curves,
    )


def variant_settings(facts: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """Return what each variant changes, by its name, as the evaluation recorded it.

    Args:
        facts: Content of evaluation.json.
    """
    variants = [parse_variant(text) for text in facts["parameters"]["variants"]]
    return {variant.name: variant.settings for variant in variants}


def _check_images(
    evaluation: Evaluation, sets: Sequence[CandidateSet], frame: pd.DataFrame
) -> None:
    """Refuse rankings that do not belong to the image index row for row."""
    for one in sets:
        if list(evaluation.images.get(one.name, ())) != frame["path"][one.images].tolist():
            raise ValueError(
                f"The evaluation ranked other images for {one.name!r} than the image index has: "
                "give the artifacts of one run."
            )


def _artifacts(inputs: Inputs, taxonomy: Taxonomy, space: LabelSpace) -> Artifacts:
    read = [_json(folder / CONFIG) for folder in inputs.models]
    configs = {str(config["model_name"]): config for config in read}
    trained = dict(zip(configs, inputs.models, strict=True))
    classifiers = {VISUAL: inputs.visual_model, CONTINUED: inputs.continued_visual_model}
    return Artifacts(
        taxonomy=_json(inputs.taxonomy / FACTS_FILE),
        images=_json(inputs.image_index / images.FACTS_FILE),
        classes=images.read_classes(inputs.image_index),
        label_space=space.facts,
        visual=_json(inputs.visual_model / CONFIG),
        devise=configs[DEVISE],
        histories={
            name: _json(folder / HISTORY) for name, folder in {**classifiers, **trained}.items()
        },
        space=space,
        terms={wnid: terms[0] for wnid, terms in taxonomy.terms.items()},
        is_a=_is_a(inputs.taxonomy / IS_A_FILE),
        variants={name: config for name, config in configs.items() if name not in (DEVISE, RANDOM)},
        soft_labels=frozenset(
            name for name, config in configs.items() if config["training"].get(SOFT_LABEL_SHARE)
        ),
        retrofitted=frozenset(name for name, folder in trained.items() if _is_retrofitted(folder)),
    )


def _is_retrofitted(model: Path) -> bool:
    facts = _json(model / "label_space" / "label_space.json")
    # Vectors drawn in place of the label vectors themselves have nothing of what these were.
    is_drawn = facts.get("vectors") in ("random", "random_per_synset")
    return bool(facts.get("retrofitting")) and not is_drawn


def _names(
    taxonomy: Taxonomy, artifacts: Artifacts, hierarchy: Hierarchy, wnids: Sequence[str]
) -> dict[str, str]:
    above = paths_from_root(hierarchy, artifacts.is_a, wnids)
    return display_names({wnid: taxonomy.terms[wnid] for wnid in wnids}, above, artifacts.terms)


def _is_a(file: Path) -> list[tuple[str, str]]:
    if not file.is_file():
        return []
    pairs = pd.read_parquet(file)
    return list(zip(pairs["parent"], pairs["child"], strict=True))


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
