"""The test part takes part in no training and no choice: with other test images nothing changes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import simplejpeg
from support.experiment import CLASSES, SEEN, SIZE, Experiment, write_features
from support.settings import unchecked
from support.shards import write_shard

from components.pretrain_visual.training import pretrain_visual
from components.register_model.registration import Inputs, register
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.register import RegisterSettings
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise import training as devise_training

VISUAL = unchecked(
VisualSettings,
    architecture="shufflenet_v2_x0_5", input_size=24, resize=32, epochs=6, patience=3,
    batch_size=8, learning_rate=0.02, warmup_epochs=0, precision="fp32",
)  # fmt: skip
DEVISE = unchecked(
    DeviseSettings,
    phase_1_epochs=6,
    phase_1_views=1,
    phase_2_epochs=2,
    batch_size=8,
    precision="fp32",
)


@pytest.fixture(scope="module")
def image_index(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every training image eight times: enough of them to learn from."""
    frame = pd.read_parquet(experiment.image_index / "index.parquet")
    train = frame[frame["split"] == "train"]
    return written(pd.concat([frame, *[train] * 7]), tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def outcome(
    experiment: Experiment, image_index: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    return trained(experiment, image_index, tmp_path_factory.mktemp("trained"))


def written(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_parquet(folder / "index.parquet", index=False)
    counts = frame.groupby(["wnid", "seen"])["split"].value_counts().unstack(fill_value=0)
    counts.reset_index().to_parquet(folder / "classes.parquet")
    return folder


def with_another_test_part(image_index: Path, folder: Path) -> Path:
    """Every test image is another one, with another label and another path."""
    frame = pd.read_parquet(image_index / "index.parquet")
    test = frame["split"] == "test"
    generator = np.random.default_rng(5)
    noise = [
        simplejpeg.encode_jpeg(generator.integers(0, 255, (SIZE, SIZE, 3)).astype(np.uint8))
        for _ in range(test.sum())
    ]
    lengths = [len(data) for data in noise]
    frame.loc[test, "shard"] = str(write_shard(folder, b"".join(noise)))
    frame.loc[test, "length"] = lengths
    frame.loc[test, "offset"] = np.cumsum([0, *lengths[:-1]])
    frame.loc[test, "path"] = "other/" + frame.loc[test, "path"]
    frame.loc[test, "checksum"] = "other"
    frame.loc[test, "wnid"] = generator.choice(CLASSES, test.sum())
    frame["seen"] = frame["wnid"].isin(SEEN)
    return written(frame, folder)


def with_other_validation_labels(image_index: Path, folder: Path) -> Path:
    frame = pd.read_parquet(image_index / "index.parquet")
    held_out = frame["split"] == "validation"
    frame.loc[held_out, "wnid"] = np.roll(frame.loc[held_out, "wnid"], 3)
    return written(frame, folder)


def trained(experiment: Experiment, image_index: Path, folder: Path) -> dict[str, bytes]:
    """Train, train on, embed and decide on the champion; every byte of what comes out."""

    def checkpoints(name: str) -> CheckpointStore:
        return CheckpointStore(str(folder / "checkpoints" / name))

    def log(figures: object, epoch: object) -> None:
        """No tracking here."""

    visual, continued, devise = folder / "visual", folder / "continued", folder / "devise"
    features = folder / "features"
    pretrain_visual(VISUAL, image_index, visual, checkpoints("visual"), log)
    pretrain_visual(VISUAL, image_index, continued, checkpoints("continued"), log, visual)
    write_features(features, image_index, visual)
    devise_training.write_devise_model(
        DEVISE,
        devise_training.Inputs(
            experiment.taxonomy, image_index, visual, features, experiment.label_space
        ),
        devise,
        checkpoints("devise"),
        log,
    )
    (folder / "evaluation").mkdir(parents=True)
    (folder / "evaluation" / "metrics.json").write_text("{}")
    inputs = Inputs(experiment.taxonomy, image_index, devise, folder / "evaluation")
    register(RegisterSettings(), inputs, folder / "registration", None)
    outputs = (visual, continued, devise, folder / "registration")
    files = [file for output in outputs for file in sorted(output.rglob("*")) if file.is_file()]
    return {str(file.relative_to(folder)): content(file) for file in files}


def content(file: Path) -> bytes:
    """The bytes of a file; of a history without how long an epoch took."""
    if file.name != "history.json":
        return file.read_bytes()
    rows = json.loads(file.read_text())
    timeless = [{k: v for k, v in row.items() if k != "images_per_second"} for row in rows]
    return json.dumps(timeless).encode()


def test_other_test_images_and_labels_change_no_byte_of_any_model_or_choice(
    experiment: Experiment, image_index: Path, outcome: dict[str, bytes], tmp_path: Path
) -> None:
    other = trained(experiment, with_another_test_part(image_index, tmp_path), tmp_path / "b")
    assert {"visual/weights.safetensors", "devise/model.safetensors"} <= set(outcome)
    assert set(other) == set(outcome)
    assert [name for name in outcome if outcome[name] != other[name]] == []


def test_other_validation_labels_change_the_choice(
    experiment: Experiment, image_index: Path, outcome: dict[str, bytes], tmp_path: Path
) -> None:
    index = with_other_validation_labels(image_index, tmp_path)
    other = trained(experiment, index, tmp_path / "b")
    changed = {name for name in outcome if outcome[name] != other[name]}
    assert {"visual/history.json", "registration/registration.json"} <= changed
    assert "devise/model.safetensors" in changed
