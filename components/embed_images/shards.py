"""Shards of features: safetensors named by the checksum of their content, put into the store."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from components.shared.artifacts.features import TENSOR, FeatureShard
from components.shared.images.shards import content_digest, is_kept
from components.shared.storage import store
from components.shared.storage.checkpoint import CheckpointStore

SUFFIX = ".safetensors"
CHECKPOINT = "feature_shards"


def write_shard(features: np.ndarray, view: int, first: int, store_uri: str) -> FeatureShard:
    """Put features into the store.

    Args:
        features: float16 [rows, feature_dim].
        view: Number of their view.
        first: Place of the first in it.
        store_uri: Folder or s3:// prefix of the shards.
    """
    with tempfile.TemporaryDirectory(prefix="features-") as folder:
        file = Path(folder) / "shard"
        save_file({TENSOR: features}, file)
        with file.open("rb") as stream:
            uri = store.join(store_uri, content_digest(stream) + SUFFIX)
        if not is_kept(uri):
            store.upload(file, uri)
    return FeatureShard(view, first, len(features), uri)


def keep_shards(shards: Sequence[FeatureShard], checkpoints: CheckpointStore) -> None:
    """Keep in a checkpoint which shards are in the store."""
    checkpoints.save(CHECKPOINT, {}, {"shards": [asdict(shard) for shard in shards]})


def kept_shards(checkpoints: CheckpointStore) -> list[FeatureShard]:
    """Return the shards that a killed embedding had finished, up to the first that is gone."""
    found = checkpoints.load(CHECKPOINT)
    shards = [FeatureShard(**one) for one in found[1]["shards"]] if found else []
    gone = next((n for n, shard in enumerate(shards) if not is_kept(shard.shard)), len(shards))
    return shards[:gone]


def check_free_space(crops: int, feature_dim: int, store_uri: str) -> None:
    """Refuse features that a folder of this machine cannot hold.

    Raises:
        ValueError: They are larger than the free space.
    """
    folder = store.local_path(store_uri)
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    needed, free = 2 * crops * feature_dim, shutil.disk_usage(folder).free
    if needed > free:
        raise ValueError(
            f"The features of {crops:,} crops take {needed / 1e9:.1f} GB, but {folder} has "
            f"{free / 1e9:.1f} GB free: lower devise_phase_1_views or set images_store_uri to a "
            "larger disk."
        )
