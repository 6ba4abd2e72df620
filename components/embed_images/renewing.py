"""Looks whether the shards of finished features are still there; imports no torch."""

from collections.abc import Callable, Mapping
from pathlib import Path

from components.shared.artifacts.features import read_features
from components.shared.execution.progress import say
from components.shared.images.index import read_index
from components.shared.images.shards import is_kept


def ensure_shards(
    image_index: Path, features: Path, embed: Callable[[], Mapping[str, float]]
) -> None:
    """Compute the features again where a shard of a finished artifact is gone or damaged.

    Args:
        image_index: Artifact of prepare_images.
        features: The finished artifact, which stays as it is.
        embed: Computes them as they were computed.
    """
    shards = read_features(features, read_index(image_index)).shards["shard"]
    missing = [uri for uri in shards if not is_kept(uri)]
    if missing:
        say(f"{len(missing)} of {len(shards)} shards of features are gone or damaged: made again")
        embed()
