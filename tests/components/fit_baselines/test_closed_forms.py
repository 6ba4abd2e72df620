from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.experiment import SEEN, write_space
from support.settings import unchecked

from components.fit_baselines.closed_forms import (
    TrainingImages,
    eszsl_of,
    exem_of,
    fit_closed_forms,
    lesson_of,
)
from components.fit_baselines.fits import UnfitError
from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.label_space import LabelSpace, read_label_space, targets
from components.shared.settings.baselines import BaselinesSettings

KNOWN = SEEN[1:]
"""The seen classes with a vector."""
CONFIG = unchecked(
    BaselinesSettings, exem_bandwidth=2.0, exem_ridge=0.5, exem_pca_dims=2,
    exem_standardised=True, eszsl_gamma=3.0, eszsl_lambda=5.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> LabelSpace:
    folder: Path = tmp_path_factory.mktemp("space")
    write_space(folder, 1, "skipgram")
    return read_label_space(folder)


def images_of(classes: list[str]) -> TrainingImages:
    """Three images of each class, one class after another."""
    features = np.random.default_rng(0).standard_normal((3 * len(classes), 4)).astype(np.float16)
    view = FeatureView((features,), np.arange(len(features)))
    return TrainingImages(pd.Series(np.repeat(classes, 3)), view)


def test_a_class_without_a_vector_or_without_an_image_takes_no_part(space: LabelSpace) -> None:
    images = images_of([SEEN[0], SEEN[2], SEEN[1]])
    lesson = lesson_of(space, images)
    assert np.array_equal(lesson.vectors, targets(space, SEEN[1:3]))
    features = images.view.parts[0].astype(np.float64)
    means = [features[6:9].mean(axis=0), features[3:6].mean(axis=0)]
    assert lesson.statistics.class_means == pytest.approx(np.stack(means))


def test_images_are_gone_through_once_for_the_same_classes(space: LabelSpace) -> None:
    images = images_of(SEEN)
    other = replace(space, vectors=space.vectors[::-1].copy())
    first, second = lesson_of(space, images), lesson_of(other, images)
    assert first.statistics is second.statistics
    assert not np.array_equal(first.vectors, second.vectors)


def test_every_option_of_a_run_is_used(space: LabelSpace) -> None:
    lesson = lesson_of(space, images_of(SEEN))
    exem = exem_of(CONFIG, lesson)
    plain = exem_of(unchecked(BaselinesSettings), lesson)
    assert exem.width == pytest.approx(2 * plain.width)
    assert exem.components.shape == (4, 2)
    assert (exem.deviations != 1).all()
    for name, value in {"exem_ridge": 0.9, "exem_standardised": False}.items():
        changed = exem_of(CONFIG.model_copy(update={name: value}), lesson)
        assert not np.array_equal(changed.coefficients / changed.deviations,
                                  exem.coefficients / exem.deviations)  # fmt: skip
    for name in ("eszsl_gamma", "eszsl_lambda"):
        changed_form = eszsl_of(CONFIG.model_copy(update={name: 9.0}), lesson).form
        assert not np.array_equal(changed_form, eszsl_of(CONFIG, lesson).form)


def test_they_are_fitted_over_every_label_space_under_its_models_name(space: LabelSpace) -> None:
    fits = fit_closed_forms(CONFIG, {"devise": space, "devise_best": space}, images_of(SEEN))
    assert {name: baseline.model for name, baseline in fits.fitted.items()} == {
        "exem": "devise", "eszsl": "devise", "exem_best": "devise_best",
        "eszsl_best": "devise_best",
    }  # fmt: skip
    assert not fits.left_out


def test_over_too_few_vectors_they_are_left_out_with_the_reason(space: LabelSpace) -> None:
    one_class = fit_closed_forms(CONFIG, {"devise": space}, images_of(SEEN[:2]))
    assert not one_class.fitted
    assert one_class.left_out["eszsl"].startswith("1 of the seen classes have a vector")
    equal = replace(space, vectors=np.ones_like(space.vectors))
    with pytest.raises(UnfitError, match="label vectors are equal"):
        exem_of(CONFIG, lesson_of(equal, images_of(KNOWN)))
    assert list(fit_closed_forms(CONFIG, {"devise": equal}, images_of(KNOWN)).left_out) == ["exem"]
