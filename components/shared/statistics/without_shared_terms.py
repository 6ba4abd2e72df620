"""Figures without the images of classes that share a term with a label of the other role.

A seen and an unseen label that share a term are ranked by one vector, or by vectors that are made
from it, so that neither figure is that of classes which are apart. Rankings stay as they are:
images of these classes are left out.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN, CandidateSet
from components.shared.artifacts.label_space import SharingPair
from components.shared.ranking.metrics import (
    FLAT_HIT,
    HARMONIC_MEAN,
    HIERARCHICAL_PRECISION,
    Correct,
)
from components.shared.statistics.scores import ImageScores, chance_scores, mean_scores_of


def sharing_classes(
    pairs: Sequence[SharingPair], sets: Sequence[CandidateSet]
) -> dict[str, frozenset[str]]:
    """Return the wnids that share a term, for each candidate set that such pairs concern.

    A zero-shot set is concerned by the pairs of its own labels, `seen` by those of any set.

    Args:
        pairs: Of a seen and an unseen label each.
        sets: The candidate sets.
    """
    zero_shot = frozenset(wnid for one in sets if one.is_zero_shot for wnid in one.members)
    concerned = {one.name: zero_shot if one.name == SEEN else one.members for one in sets}
    found = {name: _both_of(pairs, frozenset(unseen)) for name, unseen in concerned.items()}
    return {name: wnids for name, wnids in found.items() if wnids}


def _both_of(pairs: Sequence[SharingPair], unseen: frozenset[str]) -> frozenset[str]:
    own = (pair for pair in pairs if pair["unseen"] in unseen)
    return frozenset(wnid for pair in own for wnid in (pair["seen"], pair["unseen"]))


def figures_without(
    scores: ImageScores,
    candidates: CandidateSet,
    classes: frozenset[str],
    correct: Correct,
    frame: pd.DataFrame,
) -> dict[str, float]:
    """Return every model's figures, and chance's, on the images of the other classes.

    Args:
        scores: Of all images of the candidate set.
        candidates: The candidate set.
        classes: wnids of the classes whose images are left out.
        correct: hCorrectSet of every true label.
        frame: Image index rows that the set's mask belongs to.

    Returns:
        The figures by their public names; nothing where no image is left.
    """
    kept = ~frame["wnid"][candidates.images].isin(classes).to_numpy()
    if not kept.any():
        return {}
    images = candidates.images.copy()
    images[candidates.images] = kept
    chance = chance_scores([replace(candidates, images=images)], correct, frame)
    return chance | mean_scores_of(scores.only(kept))


def shown_figures(zero_shot_set: str) -> dict[str, str]:
    """Return the figures that a table has, `<candidates>/<metric>` by its title.

    Args:
        zero_shot_set: Name of the set.
    """
    with_seen = f"{zero_shot_set}{PLUS_SEEN}"
    return {
        f"{SEEN}: hit@1": f"{SEEN}/{FLAT_HIT}1",
        f"{SEEN}: hp@5": f"{SEEN}/{HIERARCHICAL_PRECISION}5",
        f"{zero_shot_set}: hit@1": f"{zero_shot_set}/{FLAT_HIT}1",
        f"{zero_shot_set}: hit@5": f"{zero_shot_set}/{FLAT_HIT}5",
        f"{zero_shot_set}: hp@5": f"{zero_shot_set}/{HIERARCHICAL_PRECISION}5",
        f"{with_seen}: hit@5": f"{with_seen}/{FLAT_HIT}5",
        "harmonic mean": f"{with_seen}/{HARMONIC_MEAN}",
    }
