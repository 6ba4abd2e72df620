import numpy as np
import pytest
import torch
from support.experiment import Experiment

from components.rank_images import reference as module
from components.rank_images.reference import Project, reference_of
from components.shared.artifacts.features import read_features
from components.shared.artifacts.label_space import read_label_space
from components.shared.images.index import read_index
from components.shared.networks import visual_model

CPU = torch.device("cpu")


def test_they_are_validation_images_of_seen_classes_and_none_that_is_tested(
    experiment: Experiment,
) -> None:
    index = read_index(experiment.image_index)
    found = reference_of(index, read_features(experiment.features, index), 3, CPU)
    wanted = index[(index["split"] == "validation") & index["seen"]]
    assert list(found.frame["path"]) == list(wanted["path"])
    assert len(found.features) == len(wanted) > 0


def test_of_many_images_some_are_taken_evenly(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = read_index(experiment.image_index)
    features = read_features(experiment.features, index)
    every = reference_of(index, features, 3, CPU).frame["path"]
    monkeypatch.setattr(module, "MOST_IMAGES", len(every) // 2)
    assert list(reference_of(index, features, 3, CPU).frame["path"]) == list(every[::2])


def test_without_validation_images_the_setting_is_refused(experiment: Experiment) -> None:
    index = read_index(experiment.image_index)
    features = read_features(experiment.features, index)
    tested = index.assign(split=index["split"].replace("validation", "test"))
    with pytest.raises(ValueError, match="evaluate_csls needs validation images of seen classes"):
        reference_of(tested, features, 3, CPU)


@torch.inference_mode()
def test_features_say_what_the_images_themselves_say(experiment: Experiment) -> None:
    index = read_index(experiment.image_index)
    found = reference_of(index, read_features(experiment.features, index), 2, CPU)
    network = visual_model.load(experiment.visual_model, CPU)
    space = read_label_space(experiment.label_space)
    drawn = np.random.default_rng(0).standard_normal((network.config.feature_dim, 6))
    weights = torch.from_numpy(drawn.astype(np.float32))
    view = network.config.view

    def in_direction(own: torch.Tensor) -> tuple[np.ndarray, Project]:
        return found.by_features(space, lambda one: one @ own), lambda one: network.trunk(one) @ own

    (ahead, to_ahead), (behind, to_behind) = in_direction(weights), in_direction(-weights)
    by_images = found.by_images([(space, to_ahead), (space, to_behind)], view)
    assert ahead == pytest.approx(by_images[0], abs=1e-2)
    assert behind == pytest.approx(by_images[1], abs=1e-2)
    assert ahead != pytest.approx(behind, abs=1e-1)
