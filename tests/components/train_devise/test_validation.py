import numpy as np
import pandas as pd
import pytest
import torch

from components.shared.artifacts.features import FeatureView, held_out_images, read_features
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.shared.ranking.nearest_labels import terms_of
from components.train_devise.training import Inputs
from components.train_devise.validation import (
    Validation,
    hit_at_1,
    hit_at_1_of_features,
    hit_at_1_of_images,
)

NO_IMAGES = ImageStore(pd.DataFrame(columns=["shard", "offset", "length"]))
NO_FEATURES = FeatureView((), np.arange(0))
CANDIDATES = terms_of(
    [("x", np.eye(2)[0], ["n1"]), ("y", np.eye(2)[1], ["n2"])], ["n1", "n2", "n3"]
)


def test_a_label_without_a_vector_is_a_miss() -> None:
    points = torch.tensor([[0.9, 0.1], [0.9, 0.1], [0.0, 1.0], [1.0, 1.1]])
    validation = Validation(NO_IMAGES, NO_FEATURES, ["n1", "n2", "n2", "n3"], CANDIDATES)
    assert hit_at_1(points, validation) == 0.5


def test_the_length_of_a_point_does_not_count() -> None:
    validation = Validation(NO_IMAGES, NO_FEATURES, ["n1", "n2"], CANDIDATES)
    assert hit_at_1(torch.tensor([[9.0, 1.0], [0.01, 0.02]]), validation) == 1.0


def test_features_and_images_give_the_same_hits(
    devise_inputs: Inputs, devise_model: DeviseModel
) -> None:
    index = read_index(devise_inputs.image_index)
    frame = held_out_images(index)
    features = read_features(devise_inputs.features, index).held_out()
    store, wnids = ImageStore(frame), list(frame["wnid"])
    dim = devise_model.config.dim
    vectors = np.random.default_rng(0).standard_normal((5, dim))
    names = sorted(set(wnids))
    table = [(name, vector, [name]) for name, vector in zip(names, vectors, strict=True)]
    validation = Validation(store, features, wnids, terms_of(table, names))
    of_features = hit_at_1_of_features(devise_model, validation)
    assert of_features == pytest.approx(hit_at_1_of_images(devise_model, 16, validation), abs=0.03)
