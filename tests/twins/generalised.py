"""The seen-unseen curve of Chao et al. 2016 by its definition: a penalty and an image at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from twins.resampling import per_class_mean


@dataclass(frozen=True)
class Image:
    """Whether the best seen and the best unseen label are right, and their scores.

    A score is None where no label of that side can be ranked.
    """

    label: int
    seen_right: bool
    unseen_right: bool
    seen_score: float | None
    unseen_score: float | None


def is_right(image: Image, penalty: float) -> bool:
    """Stack the two, the seen label's score less the penalty; of equals the unseen one wins."""
    if image.seen_score is None:
        return image.unseen_right
    if image.unseen_score is None:
        return image.seen_right
    seen_wins = image.seen_score - image.unseen_score > penalty
    return image.seen_right if seen_wins else image.unseen_right


def accuracy(images: Sequence[Image], penalty: float) -> float:
    hits = [float(is_right(image, penalty)) for image in images]
    return per_class_mean(hits, [image.label for image in images])


def curve(seen: Sequence[Image], unseen: Sequence[Image]) -> list[tuple[float, float, float]]:
    margins = {
        image.seen_score - image.unseen_score
        for image in (*seen, *unseen)
        if image.seen_score is not None and image.unseen_score is not None
    }
    penalties = [float("-inf"), *sorted(margins)]
    return [(one, accuracy(seen, one), accuracy(unseen, one)) for one in penalties]


def area(points: Sequence[tuple[float, float, float]]) -> float:
    total = 0.0
    for (_, seen, unseen), (_, next_seen, next_unseen) in pairwise(points):
        total += (seen - next_seen) * (unseen + next_unseen) / 2
    return total


def harmonic(seen: float, unseen: float) -> float:
    return 0.0 if seen == unseen == 0 else 2 * seen * unseen / (seen + unseen)
