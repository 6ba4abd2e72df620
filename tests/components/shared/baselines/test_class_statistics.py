import numpy as np
import pytest

from components.shared.baselines.class_statistics import LEFT_OUT, class_statistics

CLASSES = ["a", "b"]


def test_two_classes_are_added_up_by_hand() -> None:
    features = np.array([[1, 2], [3, 4], [9, 9], [5, 0]], np.float16)
    found = class_statistics([features[:1], features[1:]], np.array([0, 0, LEFT_OUT, 1]), CLASSES)
    assert found.counts.tolist() == [2, 1]
    assert found.images == 3
    assert found.sums.tolist() == [[4, 6], [5, 0]]
    assert found.class_means.tolist() == [[2, 3], [5, 0]]
    assert found.mean.tolist() == [3, 2]
    assert found.products.tolist() == [[35, 14], [14, 20]]
    assert found.within_covariance == pytest.approx(np.array([[2, 2], [2, 2]]) / 3)


def test_covariances_are_those_of_the_whole_matrix() -> None:
    generator = np.random.default_rng(0)
    numbers = generator.integers(0, 2, 50)
    features = generator.standard_normal((50, 3)) + numbers[:, None]
    found = class_statistics(np.array_split(features, 7), numbers, CLASSES)
    around = features - found.class_means[numbers]
    assert found.covariance == pytest.approx(np.cov(features.T, bias=True))
    assert found.within_covariance == pytest.approx(around.T @ around / 50)


def test_a_class_without_images_is_named() -> None:
    with pytest.raises(ValueError, match="The class b has no training image"):
        class_statistics([np.ones((2, 3))], np.array([0, LEFT_OUT]), CLASSES)
