from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from support.dying_store import DyingStore, Killed
from support.experiment import Experiment
from support.settings import unchecked

from components.embed_images.embedding import embed_images
from components.embed_images.renewing import ensure_shards
from components.shared.artifacts.features import (
    Features,
    held_out_images,
    read_features,
    training_images,
)
from components.shared.images.batches import normalised
from components.shared.images.crops import decode_centre, decode_random
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.networks.visual_model import VisualModel
from components.shared.processes.launching import launched
from components.shared.settings.embed import EmbedSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

CPU = torch.device("cpu")
BATCH = 3
SMALL = BATCH * 2 * 1024
"""Bytes of a batch's features."""


@pytest.fixture(scope="module")
def index(experiment: Experiment) -> pd.DataFrame:
    return read_index(experiment.image_index)


def settings(store: Path, seed: int = 3) -> EmbedSettings:
    return unchecked(
        EmbedSettings, views=2, store_uri=str(store), precision="fp32", training_seed=seed
    )


def embedded(
    experiment: Experiment,
    folder: Path,
    checkpoints: CheckpointStore = NOWHERE,
    seed: int = 3,
    shard_bytes: int = SMALL,
) -> Features:
    own = experiment.image_index, experiment.visual_model, folder / "features"
    embed_images(settings(folder / "store", seed), *own, checkpoints, shard_bytes, BATCH)
    return read_features(folder / "features", read_index(experiment.image_index))


def all_of(features: Features, view: int) -> np.ndarray:
    found = features.training(view) if view else features.held_out()
    return found[np.arange(len(found))]


@torch.inference_mode()
def one_by_one(model: VisualModel, crops: list[np.ndarray]) -> np.ndarray:
    """The trunk's features of crops, an image at a time."""
    inputs = [normalised(np.stack([crop]), model.config.view, CPU) for crop in crops]
    return torch.cat([model.trunk(image) for image in inputs]).half().numpy()


def test_every_crop_s_features_are_the_trunk_s(
    experiment: Experiment, index: pd.DataFrame, tmp_path: Path
) -> None:
    features = embedded(experiment, tmp_path)
    model = visual_model.load(experiment.visual_model, CPU)
    held_out, training = ImageStore(held_out_images(index)), ImageStore(training_images(index))
    centre = [decode_centre(held_out.read(row), model.config.view) for row in range(len(held_out))]
    assert all_of(features, 0) == pytest.approx(one_by_one(model, centre), rel=2e-3, abs=1e-3)
    for view in (1, 2):
        draws = np.random.default_rng([3, 1, view - 1]).random((len(training), 5))
        crops = [
            decode_random(training.read(row), model.config.view, draws[row])
            for row in range(len(training))
        ]
        own = one_by_one(model, crops)
        assert all_of(features, view) == pytest.approx(own, rel=2e-3, abs=1e-3)


def test_the_size_of_shards_changes_no_feature(experiment: Experiment, tmp_path: Path) -> None:
    small = embedded(experiment, tmp_path / "small")
    whole = embedded(experiment, tmp_path / "whole", shard_bytes=10**6)
    assert len(small.shards) > len(whole.shards) == 3
    for view in range(3):
        assert np.array_equal(all_of(small, view), all_of(whole, view))


def test_another_seed_draws_other_views_and_the_same_centre_crops(
    experiment: Experiment, tmp_path: Path
) -> None:
    one = embedded(experiment, tmp_path / "one")
    other = embedded(experiment, tmp_path / "other", seed=4)
    assert np.array_equal(all_of(one, 0), all_of(other, 0))
    assert not np.array_equal(all_of(one, 1), all_of(other, 1))
    assert not np.array_equal(all_of(one, 1), all_of(one, 2))


@pytest.mark.parametrize("last", [1, 8, 9, 14])
def test_a_killed_embedding_goes_on_to_the_same_shards(
    last: int, experiment: Experiment, tmp_path: Path
) -> None:
    def is_over(metadata: Mapping[str, Any]) -> bool:
        return len(metadata["shards"]) == last

    kept = str(tmp_path / "checkpoints")
    with pytest.raises(Killed):
        embedded(experiment, tmp_path, DyingStore(kept, is_over))
    resumed = embedded(experiment, tmp_path, CheckpointStore(kept))
    undisturbed = embedded(experiment, tmp_path / "undisturbed")
    names = [[Path(uri).name for uri in one.shards["shard"]] for one in (resumed, undisturbed)]
    assert names[0] == names[1]


def test_a_shard_that_is_gone_or_damaged_is_made_again(
    experiment: Experiment, tmp_path: Path
) -> None:
    features = embedded(experiment, tmp_path)
    before = [all_of(features, view) for view in range(3)]
    first, second, *_ = (Path(uri) for uri in features.shards["shard"])
    first.unlink()
    second.write_bytes(b"something else")
    own = experiment.image_index, experiment.visual_model, tmp_path / "features"
    embed = partial(embed_images, settings(tmp_path / "store"), *own, NOWHERE, SMALL, BATCH)
    ensure_shards(own[0], own[2], embed)
    assert all(np.array_equal(all_of(features, view), before[view]) for view in range(3))


def test_two_processes_make_the_same_shards_and_go_on_from_one_s(
    experiment: Experiment, tmp_path: Path
) -> None:
    whole = embedded(experiment, tmp_path / "one")
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    dying = DyingStore(checkpoints.uri, dies_after=lambda state: len(state["shards"]) == 1)
    with pytest.raises(Killed):
        embedded(experiment, tmp_path / "two", dying)
    own = experiment.image_index, experiment.visual_model, tmp_path / "two" / "features"
    config = settings(tmp_path / "two" / "store")
    launched(2, partial(embed_images, config, *own, checkpoints, SMALL, BATCH))
    shards = read_features(own[2], read_index(experiment.image_index)).shards
    names = [[Path(uri).name for uri in each["shard"]] for each in (whole.shards, shards)]
    assert names[0] == names[1]
    assert shards.drop(columns="shard").equals(whole.shards.drop(columns="shard"))


def test_features_that_float16_cannot_hold_are_refused(
    experiment: Experiment, tmp_path: Path
) -> None:
    model = visual_model.load(experiment.visual_model, CPU)
    with torch.no_grad():
        for parameter in model.trunk.parameters():
            parameter.mul_(1e3)
    visual_model.save(model, tmp_path / "visual", [])
    own = experiment.image_index, tmp_path / "visual", tmp_path / "features"
    with pytest.raises(ValueError, match="not finite in float16"):
        embed_images(settings(tmp_path / "store"), *own, NOWHERE)
