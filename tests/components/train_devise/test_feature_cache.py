from pathlib import Path

import numpy as np
import pytest
import torch

from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.train_devise.feature_cache import cache_views, centre_features, check_free_space
from components.train_devise.training import Inputs

CPU = torch.device("cpu")


def test_a_cache_larger_than_the_disk_is_refused_with_its_size(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"4 views of 10,000,000,000 images take .* GB"):
        check_free_space((4, 10_000_000_000, 4096), tmp_path)


def test_centre_features_are_the_trunk_s_of_each_image_s_centre_crop(
    devise_inputs: Inputs, devise_model: DeviseModel
) -> None:
    store = ImageStore(read_index(devise_inputs.image_index))
    features = centre_features(devise_model, store, batch_size=16)
    assert features.dtype == np.float16
    assert features.shape == (70, 1024)
    batches = centre_batches(store, devise_model.config.visual.view, 70, CPU)
    with torch.inference_mode():
        whole = torch.cat([devise_model.features(images) for images in batches])
    assert features == pytest.approx(whole.numpy(), rel=2e-3, abs=1e-3)


def test_views_are_drawn_from_the_seed_and_differ(
    devise_inputs: Inputs, devise_model: DeviseModel, tmp_path: Path
) -> None:
    store = ImageStore(read_index(devise_inputs.image_index))
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    one, again = (
        np.array(cache_views(devise_model, store, 2, 16, (3, 1), folder)) for folder in folders
    )
    assert one.shape == (2, 70, 1024)
    assert np.array_equal(one, again)
    assert not np.array_equal(one[0], one[1])
