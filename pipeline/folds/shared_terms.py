"""Figures over folds without the classes that share a term with a label of the other role.

Which classes do is told by which are unseen: of each fold the images of its own are left out, and a
class counts in the folds where no label of the other role has its terms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.shared_terms import named_pairs, pairs_sharing_terms
from components.shared.statistics.scores import mean_scores_of
from components.shared.statistics.without_shared_terms import sharing_classes
from pipeline.folds.scores import LABELS_FILE, FoldScores, joined, members_of


@dataclass(frozen=True)
class Sharing:
    """The classes of a fold that share a term with a label of the other role.

    Attributes:
        classes: Their wnids, by the candidate sets that this concerns.
        pairs: The pairs of labels by name, with the terms that they share.
    """

    classes: dict[str, frozenset[str]]
    pairs: list[str]


def sharing_in(folder: Path, ranked: Iterable[str]) -> Sharing:
    """Return the classes of a fold that share a term.

    Args:
        folder: Of a run, or of what was kept of it.
        ranked: Names of the candidate sets that were ranked.
    """
    labels = pd.read_parquet(folder / LABELS_FILE, columns=["wnid", "role", "terms"])
    members, no_images = members_of(folder), np.zeros(0, dtype=bool)
    sets = [CandidateSet(name, name, members[name], frozenset(), no_images) for name in ranked]
    pairs = pairs_sharing_terms(labels)
    classes = sharing_classes(pairs, sets)
    concerned = frozenset[str]().union(*classes.values())
    return Sharing(classes, named_pairs([p for p in pairs if p["unseen"] in concerned], labels))


def figures_without(parts: Sequence[FoldScores], sharing: Sequence[Sharing]) -> dict[str, float]:
    """Return the figures over folds on the images of the other classes.

    Chance is not among them: which labels are near is not known of a fold that was kept.

    Args:
        parts: The scores of each fold on one candidate set.
        sharing: Of each fold.

    Returns:
        The figures by their public names; nothing where no class or every image is left out.
    """
    name = parts[0].scores.candidates
    classes = [own.classes.get(name, frozenset[str]()) for own in sharing]
    every = zip(parts, classes, strict=True)
    left = [part for one, own in every if (part := one.without(own))]
    return mean_scores_of(joined(left)) if any(classes) and left else {}
