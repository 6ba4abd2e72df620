"""Parameters of map_synsets."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class LabelsConfig:
    """How labels get their vectors.

    Attributes:
        minimum_count: How often a term must occur for its vector to count.
        target: `first_term` (the paper's) or `mean_of_terms`.
        retrofitting: Weight of a synset's neighbours in the hierarchy against its own vector.
        centred: Whether the mean of the seen labels' targets is subtracted from all vectors.
        evaluate_zero_shot_sets: `unseen`, or `name=URI` of a list of wnids, one a line.
        seed: Of the random vectors.
    """

    prefix: ClassVar[str] = "labels"
    minimum_count: int = 5
    target: str = "first_term"
    retrofitting: float = 0.0
    centred: bool = False
    evaluate_zero_shot_sets: tuple[str, ...] = ("unseen",)
    seed: int = 0
