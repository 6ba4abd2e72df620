"""Seen and unseen labels balanced: the seen-unseen curves, and rankings with a penalty.

Chao et al. 2016: a penalty is taken from the scores of the seen labels before both are merged, and
the curve goes through every penalty. Both are made from the best seen and the best unseen
labels of each image, of the models whose scores are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from components.shared.artifacts.candidate_sets import (
    PLUS_SEEN,
    SEEN_AMONG,
    CandidateSet,
    halves_of,
)
from components.shared.artifacts.evaluation import calibrated_of, no_curves
from components.shared.baselines.calibration import Scored, calibrated
from components.shared.ranking.made import Made
from components.shared.ranking.metrics import AUSUC
from components.shared.ranking.packed import Key, Names, Packed
from components.shared.statistics.generalised import Curve, Stacked, seen_unseen_curve

CURVE_POINTS = 300
"""Points of a curve that are written; its area is that below all of them."""
_ROUNDING = 2e-6
"""Scores that differ by a smaller share are equal."""
_BLOCK = 1 << 16
"""Images that are merged together."""

Rankings = Mapping[Key, Packed]


class _Merge(NamedTuple):
    """The best seen and the best unseen labels, and the penalty on the seen."""

    seen: Packed
    unseen: Packed
    penalty: float


def scored_models(rankings: Rankings, candidates: CandidateSet) -> list[str]:
    """Return the models whose scores of both halves of a candidate set are kept.

    Args:
        rankings: Every answer.
        candidates: Where seen and unseen labels compete.
    """
    halves = halves_of(candidates) or ()
    models = dict.fromkeys(model for model, _ in rankings)
    return [model for model in models if halves and all((model, h) in rankings for h in halves)]


def read_penalties(
    texts: Sequence[str], rankings: Rankings, sets: Sequence[CandidateSet]
) -> dict[str, float]:
    """Return the penalty of each model that has one.

    Args:
        texts: `model=penalty`, as the setting has them.
        rankings: Every answer.
        sets: The candidate sets.

    Raises:
        ValueError: The run has no such model, or it ranks by no score.
    """
    there = {model for one in sets for model in scored_models(rankings, one)}
    penalties: dict[str, float] = {}
    for text in texts:
        model, _, penalty = text.partition("=")
        if model not in there:
            raise ValueError(
                f"evaluate_penalties has {text!r}, and the run has no model {model} that scores "
                f"unseen labels: name one that does ({', '.join(sorted(there))}), or take it out."
            )
        penalties[model] = float(penalty)
    return penalties


def with_calibrated(
    answers: Mapping[Key, np.ndarray],
    rankings: Rankings,
    names: Names,
    sets: Sequence[CandidateSet],
    penalties: Mapping[str, float],
) -> Made[Key, np.ndarray]:
    """Return the wnids of calibrated models beside those of all others.

    Args:
        answers: The wnids of every ranking that there is, object [images, 20] each.
        rankings: The same packed, with scores.
        names: Of the wnids.
        sets: The candidate sets.
        penalties: Of the models that are calibrated.
    """
    merged = _merges(rankings, sets, penalties)
    every = (*answers, *merged)
    return Made(every, lambda key: _wnids(merged[key], names) if key in merged else answers[key])


def cosines_with_calibrated(
    cosines: Mapping[Key, np.ndarray],
    rankings: Rankings,
    sets: Sequence[CandidateSet],
    penalties: Mapping[str, float],
) -> Made[Key, np.ndarray]:
    """Return the cosines of the same rankings; calibrated ones have none, NaN in their place.

    Args:
        cosines: Of every ranking that there is, float32 [images, 20] each.
        rankings: As for `with_calibrated`.
        sets: The candidate sets.
        penalties: Of the models that are calibrated.
    """
    merged = _merges(rankings, sets, penalties)
    every = (*cosines, *merged)
    return Made(every, lambda key: _no_cosines(merged[key]) if key in merged else cosines[key])


def _merges(
    rankings: Rankings, sets: Sequence[CandidateSet], penalties: Mapping[str, float]
) -> Made[Key, _Merge]:
    """What each calibrated ranking is merged from."""
    made = {
        (calibrated_of(model), one.name): (model, halves, penalty)
        for model, penalty in penalties.items()
        for one in sets
        if (halves := halves_of(one))
    }

    def merge(key: Key) -> _Merge:
        model, (seen, unseen), penalty = made[key]
        return _Merge(rankings[model, seen], rankings[model, unseen], penalty)

    return Made(made, merge)


def _wnids(merge: _Merge, names: Names) -> np.ndarray:
    return np.concatenate([
        calibrated(_scored(a, names), _scored(b, names), merge.penalty).wnids
        for a, b in zip(_blocks(merge.seen), _blocks(merge.unseen), strict=True)
    ])  # fmt: skip


def _no_cosines(merge: _Merge) -> np.ndarray:
    return np.full(merge.seen.places.shape, np.nan, dtype=np.float32)


def _blocks(packed: Packed) -> Iterator[Packed]:
    assert packed.scores is not None
    for first in range(0, max(1, len(packed.places)), _BLOCK):
        rows = slice(first, first + _BLOCK)
        yield Packed(packed.places[rows], packed.cosines[rows], packed.scores[rows])


def _scored(packed: Packed, names: Names) -> Scored:
    assert packed.scores is not None
    return Scored(names.wnids_of(packed), packed.scores)


def curves_of(
    rankings: Rankings, names: Names, sets: Sequence[CandidateSet], frame: pd.DataFrame
) -> Iterator[tuple[str, str, Curve]]:
    """Yield the seen-unseen curve of every model that has scores, and of every zero-shot set.

    Args:
        rankings: Every answer, one of which is read at a time.
        names: Of the wnids.
        sets: The candidate sets.
        frame: Image index rows that the sets' masks belong to.

    Yields:
        A model, a set and the curve.
    """
    by_name = {one.name: one for one in sets}
    for one in (one for one in sets if one.name == one.labels and one.is_zero_shot):
        among, with_seen = by_name[SEEN_AMONG + one.name], by_name[one.name + PLUS_SEEN]
        for model in scored_models(rankings, with_seen):
            of_seen = _stacked(rankings, model, among, names, frame)
            of_unseen = _stacked(rankings, model, with_seen, names, frame)
            yield model, one.name, seen_unseen_curve(of_seen, of_unseen)


def _stacked(
    rankings: Rankings, model: str, candidates: CandidateSet, names: Names, frame: pd.DataFrame
) -> Stacked:
    """The best seen and the best unseen label of each image."""
    halves = halves_of(candidates)
    assert halves is not None
    seen, unseen = (_best(rankings[model, half]) for half in halves)
    truth = frame["wnid"][candidates.images].to_numpy()
    places, _ = unseen if candidates.is_zero_shot else seen
    right = places == names.numbers_of(truth)
    return Stacked(right, _margin(seen[1], unseen[1]), np.unique(truth, return_inverse=True)[1])


def _margin(seen: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """The differences of the scores, nothing between labels that have one vector.

    Each half's product of matrices rounds the cosine to that vector in its own way.
    """
    ties = np.isclose(seen, unseen, rtol=_ROUNDING, atol=0.0)
    margin: np.ndarray = np.subtract(seen, unseen, out=np.zeros_like(seen), where=~ties)
    return margin


def _best(packed: Packed) -> tuple[np.ndarray, np.ndarray]:
    """Places and scores of the best labels, [images] each; minus infinity where there is none."""
    assert packed.scores is not None
    scores = packed.scores[:, 0].astype(np.float64)
    return packed.places[:, 0], np.where(np.isnan(scores), -np.inf, scores)


def areas_and_curves(
    curves: Iterator[tuple[str, str, Curve]],
) -> tuple[dict[str, float], pd.DataFrame]:
    """Return the areas below the curves by their public names, and a table of their points."""
    areas: dict[str, float] = {}
    tables = []
    for model, name, curve in curves:
        areas[f"{model}/{name}/{AUSUC}"] = curve.area
        few = curve.thinned(CURVE_POINTS)
        points = {"penalty": few.penalty, "seen": few.seen, "unseen": few.unseen}
        tables.append(pd.DataFrame({"model": model, "set": name, **points}))
    return areas, pd.concat(tables, ignore_index=True) if tables else no_curves()
