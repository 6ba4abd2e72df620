"""Which candidate is chosen, by a rule that stands before the figures.

Of candidates that rank unseen labels the one with the highest mean of unseen hit@1 and hit@5. Of
softmaxes that read the hierarchy the one with the highest hp@5 on the seen labels whose hit@1 is at
most 0.2 points below that of the plain softmax. Of a row that scores seen and unseen labels the
penalty on the seen with the highest harmonic mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from components.shared.statistics.generalised import Curve, harmonic_mean

SOFTMAX = "softmax"
HIT_LOST = 0.002
PENALTIES = 1000
"""How many are tried; a curve has one for each image."""
COLUMNS = {
    "seen hit@1": "seen/flat_hit_at_1",
    "hit@10": "seen/flat_hit_at_10",
    "hp@5": "seen/hierarchical_precision_at_5",
    "hp@10": "seen/hierarchical_precision_at_10",
    "unseen hit@1": "unseen/per_class_hit_at_1",
    "hit@5": "unseen/per_class_hit_at_5",
    "both": "unseen_plus_seen/harmonic_mean",
}
"""The figures that are shown, and their public names behind that of the row."""
PENALISED = ("penalty", "both, penalised")


@dataclass(frozen=True)
class Row:
    """A candidate on the inner splits.

    Attributes:
        figures: Of each split those of `COLUMNS`.
        curves: Of each split the seen-unseen curve; none of a row that scores no unseen label.
    """

    figures: list[Mapping[str, float]]
    curves: list[Curve]

    def mean(self, column: str) -> float:
        """Mean over the splits."""
        return float(np.mean([figures[column] for figures in self.figures]))

    @property
    def zero_shot(self) -> float:
        """What a ranker of unseen labels is chosen by."""
        return (self.mean("unseen hit@1") + self.mean("hit@5")) / 2

    def cells(self) -> list[str]:
        """What the table shows: percent, with the standard error over the splits."""
        shown = [_shown([figures[name] for figures in self.figures]) for name in COLUMNS]
        if not self.curves:
            return [*shown, "", ""]
        penalty, means = best_penalty(self.curves)
        return [*shown, f"{penalty:g}", _shown(means)]


def chosen(rows: Mapping[str, Row]) -> str:
    """Return the name of the candidate that the rule takes."""
    if SOFTMAX not in rows:
        return max(
            rows, key=lambda name: rows[name].mean("unseen hit@1") + rows[name].mean("hit@5")
        )
    least = rows[SOFTMAX].mean("seen hit@1") - HIT_LOST
    kept = [name for name in rows if rows[name].mean("seen hit@1") >= least]
    return max(kept, key=lambda name: rows[name].mean("hp@5"))


def best_penalty(curves: Sequence[Curve]) -> tuple[float, list[float]]:
    """Find the penalty with the highest mean of the harmonic means, to three digits.

    Args:
        curves: A row's, one a split.

    Returns:
        The penalty, and the harmonic mean of each split with it.
    """
    every = np.unique(np.concatenate([curve.penalty[1:] for curve in curves]))
    tried = np.unique([float(f"{penalty:.3g}") for penalty in _thinned(every)])
    means = np.stack([_harmonic_means(curve, tried) for curve in curves])
    best = int(means.mean(axis=0).argmax())
    return float(tried[best]), means[:, best].tolist()


def _thinned(penalties: np.ndarray) -> np.ndarray:
    """At most `PENALTIES` of sorted penalties, from the first to the last."""
    places = np.linspace(0, len(penalties) - 1, min(PENALTIES, len(penalties)))
    found: np.ndarray = penalties[places.round().astype(int)]
    return found


def _harmonic_means(curve: Curve, penalties: np.ndarray) -> np.ndarray:
    points = np.searchsorted(curve.penalty, penalties, side="right") - 1
    pairs = zip(curve.seen[points], curve.unseen[points], strict=True)
    return np.array([harmonic_mean(seen, unseen) for seen, unseen in pairs])


def _shown(values: Sequence[float]) -> str:
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{100 * np.mean(values):.1f} ±{100 * error:.1f}"
