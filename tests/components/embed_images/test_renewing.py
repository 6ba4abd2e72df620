import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from support.experiment import Experiment

from components.embed_images.renewing import ensure_shards
from components.shared.artifacts.features import (
    FeatureFacts,
    FeatureShard,
    held_out_images,
    training_images,
    write_features,
)
from components.shared.images.index import read_index


@pytest.fixture(name="shard")
def shard_of_features(tmp_path: Path) -> Path:
    file = tmp_path / f"{hashlib.sha256(b'features').hexdigest()}.safetensors"
    file.write_bytes(b"features")
    return file


@pytest.fixture(name="features")
def finished_features(experiment: Experiment, shard: Path, tmp_path: Path) -> Path:
    index = read_index(experiment.image_index)
    images = len(held_out_images(index)), len(training_images(index))
    facts = FeatureFacts(2, 1, *images, "fp32")
    write_features(tmp_path / "features", facts, [FeatureShard(0, 0, images[0], str(shard))])
    return tmp_path / "features"


def test_shards_that_are_there_are_left_alone(experiment: Experiment, features: Path) -> None:
    ensure_shards(experiment.image_index, features, lambda: pytest.fail("made again"))


@pytest.mark.parametrize("content", [None, b"something else"], ids=["gone", "damaged"])
def test_one_that_is_not_as_it_was_is_made_again(
    experiment: Experiment, features: Path, shard: Path, content: bytes | None
) -> None:
    shard.unlink() if content is None else shard.write_bytes(content)
    made: list[str] = []

    def embed() -> dict[str, float]:
        made.append("again")
        return {}

    ensure_shards(experiment.image_index, features, embed)
    assert made == ["again"]


def test_looking_imports_no_torch() -> None:
    looked = "import components.embed_images.renewing, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", looked], check=False).returncode == 0
