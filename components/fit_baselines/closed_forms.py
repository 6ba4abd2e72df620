"""Baselines in closed form, over every label space that differs: EXEM and ESZSL.

Both are fitted to the features of the training images and to the vectors of their classes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from components.fit_baselines.fits import Fits, UnfitError
from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.compared import FittedBaseline
from components.shared.artifacts.evaluation import eszsl_over, exem_over
from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.label_space import NO_ROW, LabelSpace, members, target_rows
from components.shared.baselines.class_statistics import LEFT_OUT, ClassStatistics, class_statistics
from components.shared.baselines.eszsl import Eszsl, fit_eszsl
from components.shared.baselines.exem import Exem, fit_exem
from components.shared.settings.baselines import BaselinesSettings

BLOCK = 4096
Classes = tuple[str, ...]


@dataclass(frozen=True)
class TrainingImages:
    """What is known of the training images.

    Attributes:
        wnids: The class of each.
        view: Their features.
    """

    wnids: pd.Series
    view: FeatureView

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes that have an image."""
        return frozenset(self.wnids)

    @cached_property
    def statistics(self) -> Callable[[Classes], ClassStatistics]:
        """Adds up the features of the images of some classes, once for the same ones."""
        return cache(self._added_up)

    def _added_up(self, classes: Classes) -> ClassStatistics:
        numbers = pd.Index(classes).get_indexer(self.wnids)
        assert LEFT_OUT == -1, "pandas says -1 of what it does not find"
        return class_statistics(self.view.blocks(BLOCK), numbers, classes)


@dataclass(frozen=True)
class Lesson:
    """What a closed form is fitted to.

    Attributes:
        statistics: Of the training images of the seen classes that have a vector.
        vectors: float32 [classes, dim], the target of each.
    """

    statistics: ClassStatistics
    vectors: np.ndarray


def lesson_of(space: LabelSpace, images: TrainingImages) -> Lesson:
    """Return what a label space says of the classes that have training images.

    Raises:
        UnfitError: Fewer than two of them have a vector.
    """
    seen = members(space, SEEN)
    row_of = dict(zip(seen, target_rows(space, seen), strict=True))
    classes = tuple(w for w, row in row_of.items() if row != NO_ROW and w in images.classes)
    if len(classes) < 2:
        raise UnfitError(
            f"{len(classes)} of the seen classes have a vector and training images, and to be "
            "fitted it takes 2: give text or vectors that have more of their terms."
        )
    vectors = space.vectors[[row_of[wnid] for wnid in classes]]
    return Lesson(images.statistics(classes), vectors)


def fit_closed_forms(
    config: BaselinesSettings, spaces: Mapping[str, LabelSpace], images: TrainingImages
) -> Fits:
    """Fit EXEM and ESZSL over every label space; what cannot be fitted is left out.

    Args:
        config: The stage's parameters.
        spaces: Label spaces by the name of their model.
        images: The training images.
    """
    fitted: dict[str, FittedBaseline] = {}
    left_out: dict[str, str] = {}
    for model, space in spaces.items():
        for name, fit in _forms(model).items():
            try:
                fitted[name] = FittedBaseline(model, fit(config, lesson_of(space, images)))
            except UnfitError as reason:
                left_out[name] = str(reason)
    return Fits(fitted, left_out)


def exem_of(config: BaselinesSettings, lesson: Lesson) -> Exem:
    """Fit EXEM with a run's options.

    Raises:
        UnfitError: Most classes have one vector in common.
    """
    try:
        return fit_exem(
            lesson.statistics,
            lesson.vectors,
            bandwidth=config.exem_bandwidth,
            ridge=config.exem_ridge,
            pca_dims=config.exem_pca_dims,
            standardised=config.exem_standardised,
        )
    except ValueError as reason:
        raise UnfitError(str(reason)) from reason


def eszsl_of(config: BaselinesSettings, lesson: Lesson) -> Eszsl:
    """Fit ESZSL with a run's options."""
    gamma, lambda_ = config.eszsl_gamma, config.eszsl_lambda
    return fit_eszsl(lesson.statistics, lesson.vectors, gamma=gamma, lambda_=lambda_)


def _forms(model: str) -> dict[str, Callable[[BaselinesSettings, Lesson], Any]]:
    """What is fitted over the label space of a model, by its name."""
    return {exem_over(model): exem_of, eszsl_over(model): eszsl_of}
