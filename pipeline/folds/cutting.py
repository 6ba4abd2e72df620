"""Cuts classes into groups by a seed."""

from collections.abc import Collection
from itertools import pairwise
from random import Random

from components.shared.settings.class_folds import ClassFolds
from components.shared.wnids import is_wnid


def cut_classes(
    classes: Collection[str], number: int, seed: int, first: Collection[str] = ()
) -> ClassFolds:
    """Cut classes into groups whose sizes differ by one at most; a given first one is as it is.

    The sorted classes are shuffled by random.Random(seed) and cut one group after the other.

    Args:
        classes: wnids.
        number: Of groups, the given one among them.
        seed: Of the shuffle.
        first: The first group; empty: it is cut as the others are.

    Raises:
        ValueError: A class is no wnid, or one of the first group none of the classes, or there are
            too few.
    """
    if wrong := sorted(wnid for wnid in classes if not is_wnid(wnid)):
        raise ValueError(f"{wrong[0]!r} is no wnid such as n01443537: correct the list of classes.")
    given = frozenset(first)
    if unknown := sorted(given - set(classes)):
        raise ValueError(f"The first fold has {unknown[0]}, which is none of the classes.")
    left = sorted(set(classes) - given)
    groups = number - bool(given)
    if groups < 1 or number < 2 or len(left) < groups:
        raise ValueError(
            f"{len(left)} classes, beside the first fold's {len(given)}, cannot be cut into "
            f"{groups} folds: give from 2 folds to as many as there are classes."
        )
    Random(seed).shuffle(left)
    ends = [len(left) * place // groups for place in range(groups + 1)]
    cut = [left[start:end] for start, end in pairwise(ends)]
    every = [given, *cut] if given else cut
    return ClassFolds(seed=seed, folds=tuple(tuple(sorted(group)) for group in every))
