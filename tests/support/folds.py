"""Finished folds as runs leave them: a small world of classes, ranked at random."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import Answers, write_figures, write_predictions
from components.shared.artifacts.shared_terms import pairs_sharing_terms
from components.shared.ranking.hierarchy import build_hierarchy
from components.shared.ranking.metrics import AUSUC, correct_labels
from components.shared.settings.presets import values_of
from components.shared.statistics.confidence import Confidence
from components.shared.statistics.generalised import Stacked, harmonic_means, seen_unseen_curve
from components.shared.statistics.scores import chance_scores, image_scores, mean_scores_of
from components.shared.statistics.without_shared_terms import figures_without, sharing_classes
from pipeline.local.repeats import FOLD, repeat_folder, write_metrics

GROUPS = [[f"n{group}{number}" for number in range(3)] for group in range(4)]
CLASSES = [wnid for group in GROUPS for wnid in group]
# Each group of classes spans others, so that near labels are unseen and seen ones.
EDGES = [(wnid, f"p{int(wnid[2])}") for wnid in CLASSES] + [(f"p{n}", "root") for n in range(3)]
TERMS = {"n10": ["crane", "grus_grus"], "n20": ["hoist", "crane"]}
"""Of all other classes each has a term of its own."""
MODELS = ("softmax", "devise", "random", "conse")
VALUES = {
    **values_of("quickstart", []),
    "evaluate_bootstrap_samples": 100,
    "evaluate_zero_shot_sets": ["unseen"],
    "devise_variants": [],
    "images_uri": "/somewhere/photos",
    "seed": 5,
}
TASKS = [{"task": "evaluate", "seconds": 2.5, "code_version": "c0de", "key": "0123"}]


def write_folds(output: Path, numbers: Sequence[int], models: Sequence[str] = MODELS) -> None:
    """Write the folders of finished folds, and their figures together."""
    for number in numbers:
        write_fold(repeat_folder(output, FOLD, number), number, models)
    write_metrics(output, FOLD, numbers)


def write_fold(folder: Path, number: int, models: Sequence[str]) -> None:
    """Write what a run with this group unseen leaves, as evaluate writes it."""
    frame = _frame(number)
    sets = list(_sets(number, frame))
    generator = np.random.default_rng(number)
    answers = _answers(sets, models, generator)
    correct = correct_labels(build_hierarchy(EDGES), sets)
    metrics = chance_scores(sets, correct, frame)
    labels, without = _labels(number), dict[str, float]()
    sharing = sharing_classes(pairs_sharing_terms(labels), sets)
    every = image_scores(answers, models, sets, correct, frame)
    for scores, one in zip(every, sets, strict=True):
        metrics |= mean_scores_of(scores)
        if classes := sharing.get(one.name):
            without |= figures_without(scores, one, classes, correct, frame)
    without |= harmonic_means(without)
    metrics |= harmonic_means(metrics) | _areas(sets, answers, models, frame, generator)
    cosines = {key: np.full(ranked.shape, np.nan) for key, ranked in answers.items()}
    write_predictions(folder, answers, models, sets, frame, cosines)
    write_figures(folder, metrics, asdict(Confidence(100)), {"models": list(models)}, without)
    members = [(one.name, wnid) for one in sets for wnid in one.members]
    pd.DataFrame(members, columns=["set", "wnid"]).to_parquet(folder / "candidates.parquet")
    labels.to_parquet(folder / "labels.parquet")
    pd.DataFrame(EDGES, columns=["a", "b"]).to_parquet(folder / "edges.parquet")
    parameters = VALUES | {"images_unseen": GROUPS[number]}
    told = {"git_commit": "c0ffee", "command": "pipeline.py run", "machine": {}, "seconds": 3.0}
    (folder / "run.json").write_text(json.dumps({**told, "parameters": parameters, "tasks": TASKS}))


def _labels(number: int) -> pd.DataFrame:
    rows = [
        (wnid, "unseen" if wnid in GROUPS[number] else "seen", TERMS.get(wnid, [f"term_of_{wnid}"]))
        for wnid in CLASSES
    ]
    return pd.DataFrame(rows, columns=["wnid", "role", "terms"])


def _frame(number: int) -> pd.DataFrame:
    """Test images: of a class 2 to 4, and one more where it is unseen; in no order."""
    rows = [
        (f"val/{wnid}/{image}.jpg", wnid)
        for wnid in CLASSES
        for image in range(2 + int(wnid[2]) + (wnid in GROUPS[number]))
    ]
    frame = pd.DataFrame(rows, columns=["path", "wnid"])
    return frame.sample(frac=1, random_state=number).reset_index(drop=True)


def _sets(number: int, frame: pd.DataFrame) -> Iterator[CandidateSet]:
    unseen = tuple(GROUPS[number])
    seen = tuple(wnid for wnid in CLASSES if wnid not in unseen)
    tested = frame["wnid"].isin(unseen).to_numpy()
    yield CandidateSet("seen", "seen", seen, frozenset(seen), ~tested)
    yield CandidateSet("unseen", "unseen", unseen, frozenset(CLASSES), tested)
    both, among = (*unseen, *seen), "seen_among_unseen"
    yield CandidateSet("unseen_plus_seen", "unseen", both, frozenset(CLASSES), tested)
    yield CandidateSet(among, among, both, frozenset(CLASSES), ~tested)


def _answers(
    sets: Sequence[CandidateSet], models: Sequence[str], generator: np.random.Generator
) -> Answers:
    answers: dict[tuple[str, str], np.ndarray] = {}
    for one in sets:
        for model in models:
            ranked = np.full((int(one.images.sum()), 20), None, dtype=object)
            for row in ranked:
                row[: len(one.members)] = generator.permutation(np.array(one.members, object))
            answers[model, one.name] = ranked
    return answers


def _areas(
    sets: Sequence[CandidateSet],
    answers: Answers,
    models: Sequence[str],
    frame: pd.DataFrame,
    generator: np.random.Generator,
) -> dict[str, float]:
    """The area below the seen-unseen curve of each model; its scores are at random too."""
    areas = {}
    for model in models:
        sides = []
        for one in sets[:2]:
            truth = frame["wnid"][one.images].to_numpy()
            codes = np.unique(truth, return_inverse=True)[1]
            right = answers[model, one.name][:, 0] == truth
            sides.append(Stacked(right, generator.standard_normal(len(truth)), codes))
        areas[f"{model}/unseen/{AUSUC}"] = seen_unseen_curve(*sides).area
    return areas
