"""Generalised zero-shot figures: what is left of seen and unseen where both compete.

The harmonic mean of the two means over classes (Xian et al. 2017), and the area under
the seen-unseen curve (AUSUC; Chao et al. 2016): a penalty on the scores of the seen
labels trades one figure for the other, and the curve goes through all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN_AMONG
from components.shared.ranking.metrics import HARMONIC_MEAN, PER_CLASS_HIT

HIT = f"{PER_CLASS_HIT}1"


@dataclass(frozen=True)
class Stacked:
    """Images of seen classes, or of unseen ones, with the best label of either side.

    Attributes:
        right: bool [images], whether the best label of the image's own side is the true one: of
            the seen labels for an image of a seen class, of the unseen ones for another.
        margin: float [images], the score of the best seen label less that of the best unseen one;
            infinite where one side has no label that can be ranked.
        classes: Codes 0, 1, ... of the images' classes, int [images]; none is without an image.
    """

    right: np.ndarray
    margin: np.ndarray
    classes: np.ndarray


@dataclass(frozen=True)
class Curve:
    """The seen-unseen curve, all of its points; arrays [points].

    Attributes:
        penalty: The lowest penalty on the scores of the seen labels that gives the point; each
            holds up to the next one's. The first is minus infinity.
        seen: Mean over the seen classes of their hit@1 among all labels; it falls.
        unseen: Mean over the unseen classes of theirs; it rises.
    """

    penalty: np.ndarray
    seen: np.ndarray
    unseen: np.ndarray

    @property
    def area(self) -> float:
        """The area below it, by trapezoids, 0..1."""
        return float(np.trapezoid(self.unseen[::-1], self.seen[::-1]))

    def thinned(self, points: int) -> "Curve":
        """Return at most so many points, from the first to the last."""
        if len(self.penalty) <= points:
            return self
        kept = np.linspace(0, len(self.penalty) - 1, points).round().astype(int)
        return Curve(self.penalty[kept], self.seen[kept], self.unseen[kept])


def harmonic_mean(seen: float, unseen: float) -> float:
    """Return the harmonic mean of two shares, 0 where both are 0."""
    return 2 * seen * unseen / (seen + unseen) if seen + unseen else 0.0


def harmonic_means(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the harmonic mean of every model that has figures of seen and unseen images.

    Args:
        metrics: Figures by their public names.
    """
    found: dict[str, float] = {}
    for name, unseen in metrics.items():
        model, _, rest = name.partition("/")
        zero_shot_set = rest.removesuffix(f"{PLUS_SEEN}/{HIT}")
        seen = metrics.get(f"{model}/{SEEN_AMONG}{zero_shot_set}/{HIT}")
        if zero_shot_set != rest and seen is not None:
            key = f"{model}/{zero_shot_set}{PLUS_SEEN}/{HARMONIC_MEAN}"
            found[key] = harmonic_mean(seen, unseen)
    return found


def seen_unseen_curve(of_seen: Stacked, of_unseen: Stacked) -> Curve:
    """Return the curve through every penalty on the scores of the seen labels.

    A seen label wins where its margin is above the penalty.

    Args:
        of_seen: The images of seen classes.
        of_unseen: The images of unseen classes.
    """
    margins = np.concatenate([of_seen.margin, of_unseen.margin])
    penalty = np.concatenate([[-np.inf], np.unique(margins[np.isfinite(margins)])])
    lost = _share_up_to(of_seen, penalty)
    everything = _share_up_to(of_seen, np.array([np.inf]))
    return Curve(penalty, everything - lost, _share_up_to(of_unseen, penalty))


def _share_up_to(images: Stacked, penalty: np.ndarray) -> np.ndarray:
    """Return the mean over classes of their images that are right and have at most this margin."""
    sizes = np.bincount(images.classes)
    weights = images.right / sizes[images.classes] / len(sizes)
    order = np.argsort(images.margin, kind="stable")
    sums = np.concatenate([[0.0], np.cumsum(weights[order])])
    found: np.ndarray = sums[np.searchsorted(images.margin[order], penalty, side="right")]
    return found


@dataclass(frozen=True)
class Balance:
    """What a model reaches where seen and unseen labels compete; shares, None where there is none.

    Attributes:
        seen: Mean over the seen classes of their hit@1.
        unseen: Mean over the unseen classes of theirs.
        harmonic_mean: Of the two.
    """

    seen: float | None
    unseen: float | None
    harmonic_mean: float | None

    @property
    def figures(self) -> tuple[float | None, ...]:
        """All three."""
        return self.seen, self.unseen, self.harmonic_mean

    @property
    def point(self) -> tuple[float, float] | None:
        """Seen and unseen, where there are both."""
        if self.seen is None or self.unseen is None:
            return None
        return self.seen, self.unseen


def balance_of(metrics: Mapping[str, float], model: str, zero_shot_set: str) -> Balance:
    """Return the figures of a model where a zero-shot set's and the seen labels compete.

    Args:
        metrics: Figures by their public names.
        model: Whose.
        zero_shot_set: Name of the set.
    """
    with_seen = f"{model}/{zero_shot_set}{PLUS_SEEN}"
    return Balance(
        metrics.get(f"{model}/{SEEN_AMONG}{zero_shot_set}/{HIT}"),
        metrics.get(f"{with_seen}/{HIT}"),
        metrics.get(f"{with_seen}/{HARMONIC_MEAN}"),
    )
