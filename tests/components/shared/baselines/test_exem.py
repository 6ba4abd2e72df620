from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import CLASSES, SEEN, WITHOUT_VECTOR, write_space
from twins.exem_loop import distances, predicted_exemplars, within_deviation

from components.shared.artifacts.label_space import LabelSpace, read_label_space, targets
from components.shared.baselines.class_statistics import ClassStatistics, class_statistics
from components.shared.baselines.exem import exem_scorer, exemplars_of, fit_exem

KNOWN = SEEN[1:]
"""The seen classes with a vector."""


@dataclass(frozen=True)
class World:
    space: LabelSpace
    features: np.ndarray
    numbers: np.ndarray
    statistics: ClassStatistics
    vectors: np.ndarray


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder: Path = tmp_path_factory.mktemp("space")
    write_space(folder, 1, "skipgram")
    space = read_label_space(folder)
    generator = np.random.default_rng(0)
    numbers = np.repeat(np.arange(3), 12)
    features = generator.standard_normal((36, 5)) * [1, 2, 3, 1, 1] + 2 * numbers[:, None]
    statistics = class_statistics([features], numbers, KNOWN)
    return World(space, features, numbers, statistics, targets(space, KNOWN))


def test_an_exemplar_is_interpolated_by_hand() -> None:
    # Two classes one unit apart, means 0 and 4; kernel exp(-1/2) between them, no ridge.
    statistics = class_statistics([np.array([[0.0], [4.0]])], np.array([0, 1]), ["a", "b"])
    vectors = np.array([[0.0], [1.0]], np.float32)
    exem = fit_exem(statistics, vectors, ridge=0.0)
    assert exem.width == 1.0
    far = np.array([[0.0], [1.0], [0.5], [100.0]], np.float32)
    # The mean is 2; halfway nothing speaks for either, and far away nothing is known but the mean.
    assert exemplars_of(exem, far) + exem.feature_mean == pytest.approx(
        np.array([[0.0], [4.0], [2.0], [2.0]]), abs=1e-5
    )


@pytest.mark.parametrize("standardised", [False, True])
def test_it_agrees_with_a_regression_a_dimension(world: World, standardised: bool) -> None:
    exem = fit_exem(
        world.statistics, world.vectors, bandwidth=0.8, ridge=0.3, standardised=standardised
    )
    kept = [wnid for wnid in CLASSES if wnid not in WITHOUT_VECTOR]
    exemplars = predicted_exemplars(
        world.features, world.numbers, world.vectors, targets(world.space, kept), 0.8, 0.3
    )
    deviations = within_deviation(world.features, world.numbers) if standardised else np.ones(5)
    found = exem_scorer(exem, world.space, CLASSES)(torch.from_numpy(world.features).float())
    for image, row, scores in zip(world.features, found.wnids, found.scores, strict=True):
        far = dict(zip(kept, distances(image, exemplars, deviations), strict=True))
        far["n00000006"] = far["n00000002"]  # One vector: they tie, and stand by wnid.
        assert [w for w in row if w] == sorted(kept, key=lambda wnid: (far[wnid], wnid))
        assert -scores[:5] == pytest.approx(sorted(far.values()), rel=1e-4)


def test_features_are_reduced_to_their_principal_components(world: World) -> None:
    exem = fit_exem(world.statistics, world.vectors, pca_dims=2, standardised=True)
    centred = world.features - world.features.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(exem.components.T @ axes[:2].T) == pytest.approx(np.eye(2), abs=1e-5)
    reduced = world.features @ exem.components
    assert exem.deviations == pytest.approx(within_deviation(reduced, world.numbers), rel=1e-4)


def test_a_component_that_only_rounding_fills_is_not_divided_by_its_deviation() -> None:
    generator = np.random.default_rng(0)
    numbers = np.repeat(np.arange(3), 12)
    axes = generator.standard_normal((2, 40))
    features = 1000 * (generator.standard_normal((36, 2)) + numbers[:, None]) @ axes
    statistics = class_statistics([features], numbers, KNOWN)
    vectors = generator.standard_normal((3, 6)).astype(np.float32)
    exem = fit_exem(statistics, vectors, pca_dims=6, standardised=True)
    assert (exem.deviations[:2] > 100).all()
    assert exem.deviations[2:].tolist() == [1] * 4, "images differ along two axes"


def test_all_components_leave_distances_as_they_are(world: World) -> None:
    plain = fit_exem(world.statistics, world.vectors)
    images = torch.from_numpy(world.features).float()
    found = exem_scorer(plain, world.space, CLASSES)(images)
    turned = fit_exem(world.statistics, world.vectors, pca_dims=5)
    assert (exem_scorer(turned, world.space, CLASSES)(images).wnids == found.wnids).all()


def test_equal_label_vectors_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="label vectors are equal"):
        fit_exem(world.statistics, np.ones((3, 6), np.float32))
