from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from components.shared.artifacts.features import (
    TENSOR,
    FeatureFacts,
    FeatureShard,
    FeatureView,
    held_out_images,
    read_features,
    training_images,
    write_features,
)
from components.shared.images.shards import content_digest

INDEX = pd.DataFrame(
    {
        "split": ["train", "validation", "test", "train", "test", "train"],
        "seen": [True, True, True, True, False, True],
        "path": list("abcdef"),
    }
)


def shard(folder: Path, features: np.ndarray) -> str:
    save_file({TENSOR: features}, folder / "shard")
    with (folder / "shard").open("rb") as stream:
        name = content_digest(stream) + ".safetensors"
    return str((folder / "shard").rename(folder / name))


def test_the_rows_of_several_shards_are_one_view(tmp_path: Path) -> None:
    rows = np.arange(14, dtype=np.float16).reshape(7, 2)
    view = FeatureView(tuple(np.split(rows, [3, 4])), np.arange(7))
    asked = np.array([6, 0, 3, 2, 3, 5])
    assert view[asked].tolist() == rows[asked].tolist()
    some = view.of(np.array([1, 3, 6]))
    assert len(some) == 3
    assert some[np.array([2, 0])].tolist() == rows[[6, 1]].tolist()
    blocks = list(view.blocks(3, first=2))
    assert [len(block) for block in blocks] == [3, 2]
    assert np.concatenate(blocks).tolist() == rows[2:].tolist()


def test_views_of_training_and_held_out_images_are_told_apart(tmp_path: Path) -> None:
    held_out, training = np.zeros((3, 2), np.float16), np.ones((3, 2), np.float16)
    shards = [
        FeatureShard(0, 0, 3, shard(tmp_path, held_out)),
        FeatureShard(1, 0, 2, shard(tmp_path, training[:2])),
        FeatureShard(1, 2, 1, shard(tmp_path, training[2:])),
    ]
    write_features(tmp_path / "features", FeatureFacts(2, 1, 3, 3, "fp32"), shards)
    features = read_features(tmp_path / "features", INDEX)
    every = np.arange(3)
    assert features.held_out()[every].tolist() == held_out.tolist()
    assert features.training(1)[every].tolist() == training.tolist()
    assert list(held_out_images(INDEX)["path"]) == ["b", "c", "e"]
    assert list(training_images(INDEX)["path"]) == ["a", "d", "f"]


def test_only_the_shards_that_hold_an_image_are_opened(tmp_path: Path) -> None:
    rows = np.arange(6, dtype=np.float16).reshape(3, 2)
    first, last = shard(tmp_path, rows[:1]), shard(tmp_path, rows[1:])
    shards = [FeatureShard(0, 0, 1, first), FeatureShard(0, 1, 2, last)]
    write_features(tmp_path / "features", FeatureFacts(2, 0, 3, 3, "fp32"), shards)
    features = read_features(tmp_path / "features", INDEX)
    some = features.held_out_of(np.array([2, 0, 2]))
    assert some[np.arange(3)].tolist() == rows[[2, 0, 2]].tolist()
    Path(first).unlink()
    assert features.held_out_of(np.array([2, 1]))[np.arange(2)].tolist() == rows[[2, 1]].tolist()
    assert len(features.held_out_of(np.array([], dtype=np.int64))) == 0


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (FeatureFacts(2, 1, 3, 4, "fp32"), "training"),
        (FeatureFacts(2, 1, 2, 3, "fp32"), "held-out"),
    ],
)
def test_features_of_another_index_are_refused(
    facts: FeatureFacts, kind: str, tmp_path: Path
) -> None:
    write_features(tmp_path, facts, [])
    with pytest.raises(ValueError, match=f"{kind} images and the index has 3"):
        read_features(tmp_path, INDEX)


def test_a_folder_without_features_is_refused_by_the_file_that_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"features\.parquet is missing"):
        read_features(tmp_path, INDEX)


def test_a_damaged_shard_is_refused_when_its_view_is_read(tmp_path: Path) -> None:
    uri = shard(tmp_path, np.zeros((3, 2), np.float16))
    facts = FeatureFacts(2, 1, 3, 3, "fp32")
    write_features(tmp_path / "features", facts, [FeatureShard(0, 0, 3, uri)])
    features = read_features(tmp_path / "features", INDEX)
    features.held_out()
    Path(uri).write_bytes(b"something else")
    with pytest.raises(ValueError, match="is damaged, its content is not the one"):
        features.held_out()
