"""What the report is drawn from, gathered once and handed to every section."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from components.evaluate.rankings import Answers
from components.evaluate.report.names import PHASE_1
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.artifacts.taxonomy import IS_A_FILE, SYNSETS_FILE
from components.shared.ranking.hierarchy import CorrectSets, Hierarchy


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
        histories: rows an epoch of `visual` and of every model that was trained after it.
        space: the labels and their vectors.
        terms: the first term of every synset of the hierarchy.
        is_a: (parent, child) where the hierarchy has a direction, else empty.
        variants: config.json of further DeViSE models, by the model's name.
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


@dataclass(frozen=True)
class ReportData:
    """Everything the sections show.

    Attributes:
        metrics: content of metrics.json.
        facts: content of evaluation.json.
        answers: every ranking.
        sets: the candidate sets.
        frame: image index rows of the test images.
        correct: for `seen` and each zero-shot set hCorrectSet of each label.
        hierarchy: the graph.
        names: what a label is called, by wnid.
        artifacts: what earlier stages say.
        read_image: encoded JPEG of a row of `frame`.
        gallery_images: how many images the gallery shows.
        seed: of its draw, and of the map of the labels.
        models: every model, in the order of the tables; empty: the order of the answers.
        confidence: `intervals` by metric, [low, high]; `paired` tests by
            `<model>_vs_<baseline>/<candidates>/<metric>`; None where none was computed.
        contaminated: whether the visual network had seen a zero-shot class.
    """

    metrics: Mapping[str, float]
    facts: Mapping[str, Any]
    answers: Answers
    sets: Sequence[CandidateSet]
    frame: pd.DataFrame
    correct: Mapping[str, Mapping[str, CorrectSets]]
    hierarchy: Hierarchy
    names: Mapping[str, str]
    artifacts: Artifacts
    read_image: Callable[[int], bytes]
    gallery_images: int
    seed: int
    models: tuple[str, ...] = ()
    confidence: Mapping[str, Any] | None = None
    contaminated: bool = False

    def final_models(self, candidates: str) -> list[str]:
        """Return the models that answer for a candidate set, without those before phase 2."""
        return [model for model in self.answering(candidates) if not model.endswith(PHASE_1)]

    def answering(self, candidates: str) -> list[str]:
        """Return the models that answered a candidate set, in the order of the tables."""
        return [model for model in self.all_models() if (model, candidates) in self.answers]

    def all_models(self) -> tuple[str, ...]:
        """Return every model, in the order of the tables."""
        return self.models or tuple(dict.fromkeys(model for model, _ in self.answers))

    def candidates(self, name: str) -> CandidateSet:
        """Return the candidate set of a name."""
        return next(one for one in self.sets if one.name == name)

    def zero_shot_sets(self) -> list[str]:
        """Return the names of the zero-shot sets."""
        return [one.name for one in self.sets if one.name == one.labels and one.name != SEEN]


def read_artifacts(
    taxonomy: Path,
    image_index: Path,
    label_space: Path,
    visual_model: Path,
    devise_model: Path,
    random_devise_model: Path,
) -> Artifacts:
    """Read the facts of the folders of earlier stages."""
    folders = {"visual": visual_model, "devise": devise_model, "random": random_devise_model}
    return Artifacts(
        taxonomy=_json(taxonomy / "taxonomy.json"),
        images=_json(image_index / "images.json"),
        classes=pd.read_parquet(image_index / "classes.parquet"),
        label_space=_json(label_space / "label_space.json"),
        visual=_json(visual_model / "config.json"),
        devise=_json(devise_model / "config.json"),
        histories={name: _json(folder / "history.json") for name, folder in folders.items()},
        space=read_label_space(label_space),
        terms=_first_terms(taxonomy / SYNSETS_FILE),
        is_a=_is_a(taxonomy / IS_A_FILE),
    )


def display_names(terms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the first term of each label; where two share it, with another term or the wnid.

    Args:
        terms: the terms of each wnid, as the source writes them.
    """
    first = pd.Series({wnid: names[0] for wnid, names in terms.items()}, dtype=object)
    shared = set(first[first.duplicated(keep=False)])
    return {
        wnid: f"{names[0]} ({names[1] if len(names) > 1 else wnid})"
        if names[0] in shared
        else names[0]
        for wnid, names in terms.items()
    }


def _first_terms(file: Path) -> dict[str, str]:
    synsets = pd.read_parquet(file)
    return {wnid: terms[0] for wnid, terms in zip(synsets["wnid"], synsets["terms"], strict=True)}


def _is_a(file: Path) -> list[tuple[str, str]]:
    if not file.is_file():
        return []
    pairs = pd.read_parquet(file)
    return list(zip(pairs["parent"], pairs["child"], strict=True))


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
