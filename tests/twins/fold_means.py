"""Images of several folds in loops."""

from collections.abc import Iterable, Mapping, Sequence


def hit(ranking: Sequence[str], truth: str, k: int) -> float:
    return float(truth in list(ranking)[:k])


def means_over_folds(
    folds: Iterable[Mapping[str, tuple[str, float]]],
) -> tuple[list[float], list[str]]:
    """Of each image, by path, the mean over the folds that have it, and its class.

    Each fold: path of an image to its class and score.
    """
    scores: dict[str, list[float]] = {}
    classes: dict[str, str] = {}
    for fold in folds:
        for image, (truth, score) in fold.items():
            scores.setdefault(image, []).append(score)
            classes[image] = truth
    images = sorted(scores)
    means = [sum(scores[image]) / len(scores[image]) for image in images]
    return means, [classes[image] for image in images]
