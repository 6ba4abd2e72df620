"""Scores of labels from the softmax and the hierarchy, a label and a class at a time."""

from collections.abc import Mapping, Sequence
from math import exp

Hops = Mapping[str, Mapping[str, int]]
"""For each class the hops to every label that a way leads to."""


def softmax_hierarchy_loop(p: Mapping[str, float], hops: Hops, beta: float) -> dict[str, float]:
    """For each class the sum over the classes of p times what the hops leave of it."""
    return {
        label: sum(p[c] * exp(-beta * hops[c][label]) for c in p if label in hops[c]) for label in p
    }


def conse_hierarchy_loop(
    p: Mapping[str, float], hops: Hops, labels: Sequence[str], beta: float, top: int
) -> dict[str, float]:
    """For each label that a way leads to from a class: its share of the top classes' p."""
    best = sorted(p, key=lambda c: -p[c])[:top]
    scores = {}
    for label in labels:
        near = {c: exp(-beta * hops[c][label]) for c in p if label in hops[c]}
        if near:
            total = sum(near.values())
            scores[label] = sum(p[c] * near[c] / total for c in best if c in near)
    return scores


def ranked(scores: Mapping[str, float]) -> list[str]:
    """Best first, equal ones, but for rounding, by name."""
    return sorted(scores, key=lambda label: (-round(scores[label], 9), label))
