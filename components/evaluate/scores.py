"""metrics.json: what the rankings are worth, under the public names, and what chance would give."""

from collections.abc import Mapping, Sequence

import pandas as pd

from components.evaluate.rankings import Answers
from components.shared.candidate_sets import CandidateSet
from components.shared.hierarchy import CorrectSets, Hierarchy, correct_sets_of
from components.shared.label_space import LabelSpace, members
from components.shared.metrics import (
    KS,
    chance_hits,
    chance_precisions,
    mean_scores,
    named_scores,
)

CHANCE = "chance"
WITHOUT_VECTOR = "label_space/without_vector"

Correct = Mapping[str, Mapping[str, CorrectSets]]
"""For each candidate set's `labels` the hCorrectSet of each of them."""


def correct_labels(
    hierarchy: Hierarchy, space: LabelSpace, sets: Sequence[CandidateSet]
) -> dict[str, dict[str, CorrectSets]]:
    """Return hCorrectSet of all labels of `seen` and of each zero-shot set.

    Both forms of a zero-shot set have the same valid labels, and so the same correct ones.
    """
    valid = {candidates.labels: candidates.valid for candidates in sets}
    return {
        labels: correct_sets_of(hierarchy, members(space, labels), valid[labels], KS)
        for labels in valid
    }


def all_scores(
    answers: Answers,
    sets: Sequence[CandidateSet],
    correct: Correct,
    frame: pd.DataFrame,
    without_vector: int,
) -> dict[str, float]:
    """Return every figure of metrics.json by its name.

    Args:
        answers: the rankings of each model and candidate set.
        sets: the candidate sets.
        correct: hCorrectSet of every true label.
        frame: image index rows that the sets' masks belong to.
        without_vector: number of labels without a vector.
    """
    scores: dict[str, float] = {WITHOUT_VECTOR: float(without_vector)}
    for candidates in sets:
        truth = frame["wnid"][candidates.images].tolist()
        near = correct[candidates.labels]
        scores |= _prefixed(CHANCE, candidates, chance_scores(truth, candidates, near))
        for model, name in answers:
            if name == candidates.name:
                found = mean_scores(truth, answers[model, name], near)
                images = {"images": float(len(truth))}
                scores |= _prefixed(model, candidates, {**found, **images})
    return scores


def chance_scores(
    truth: list[str], candidates: CandidateSet, correct: Mapping[str, CorrectSets]
) -> dict[str, float]:
    """Return what labels drawn at random from the candidates would reach."""
    precisions = chance_precisions(truth, candidates.members, correct)
    return named_scores(chance_hits(len(candidates.members)), precisions)


def _prefixed(
    model: str, candidates: CandidateSet, scores: Mapping[str, float]
) -> dict[str, float]:
    return {f"{model}/{candidates.name}/{name}": value for name, value in scores.items()}
