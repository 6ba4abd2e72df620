import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import simplejpeg
import torch
from safetensors.torch import load_file

from components.pretrain_visual.config import PretrainConfig
from components.pretrain_visual.parts import read_parts
from components.pretrain_visual.training import is_over, pretrain_visual, validate
from components.shared.checkpoint import CheckpointStore
from components.shared.visual_model import load

CONFIG = PretrainConfig(
    architecture="shufflenet_v2_x0_5",
    input_size=32,
    resize=32,
    crop_scale=0.6,
    epochs=4,
    patience=0,
    batch_size=8,
    learning_rate=0.05,
    warmup_epochs=1.0,
    label_smoothing=0.1,
)


class Killed(Exception):
    pass


def write_index(folder: Path, **missing: str) -> Path:
    """Three classes, each a colour of its own: 9 training, 4 validation and 2 test images."""
    generator = np.random.default_rng(0)
    rows, content = [], b""
    for position, wnid in enumerate(("n1", "n2", "n3")):
        for number in range(15):
            split = "train" if number < 9 else "validation" if number < 13 else "test"
            pixels = generator.integers(0, 90, (32, 32, 3), np.uint8)
            pixels[..., position] += 160
            data = simplejpeg.encode_jpeg(pixels) if split != "test" else b"never to be read"
            place = {"shard": str(folder / "s"), "offset": len(content), "length": len(data)}
            facts = {"wnid": wnid, "split": split, "path": f"{wnid}/{number}", "seen": True}
            if missing.get(wnid) != split:
                rows.append({**place, **facts, "checksum": ""})
            content += data
    folder.mkdir(parents=True)
    (folder / "s").write_bytes(content)
    pd.DataFrame(rows).to_parquet(folder / "index.parquet")
    return folder


@pytest.fixture(name="index")
def index_of_three_colours(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index")


def ignore(metrics: Mapping[str, float], step: int | None) -> None:
    pass


def train(config: PretrainConfig, index: Path, output: Path) -> dict[str, float]:
    return pretrain_visual(config, index, output, CheckpointStore(f"{output}-state"), ignore)


def figures(folder: Path) -> list[dict[str, float]]:
    history = json.loads((folder / "history.json").read_text())
    return [{k: v for k, v in epoch.items() if k != "images_per_second"} for epoch in history]


def assert_same(one: Path, other: Path) -> None:
    weights, others = (
        load_file(one / "weights.safetensors"),
        load_file(other / "weights.safetensors"),
    )
    assert all(torch.equal(weights[name], others[name]) for name in weights)
    assert figures(one) == figures(other)


def test_killed_and_resumed_it_ends_as_if_undisturbed(index: Path, tmp_path: Path):
    train(CONFIG, index, tmp_path / "undisturbed")
    checkpoints = CheckpointStore(str(tmp_path / "state"))

    def kill_after_two(metrics: Mapping[str, float], step: int | None) -> None:
        if step == 2:
            raise Killed

    with pytest.raises(Killed):
        pretrain_visual(CONFIG, index, tmp_path / "resumed", checkpoints, kill_after_two)
    epochs: list[int | None] = []
    pretrain_visual(
        CONFIG, index, tmp_path / "resumed", checkpoints, lambda _, step: epochs.append(step)
    )
    assert epochs == [3, 4]
    assert_same(tmp_path / "undisturbed", tmp_path / "resumed")


def test_a_seed_gives_the_same_network_and_another_seed_another(index: Path, tmp_path: Path):
    config = replace(CONFIG, epochs=1)
    train(config, index, tmp_path / "a")
    train(config, index, tmp_path / "b")
    train(replace(config, seed=1), index, tmp_path / "c")
    assert_same(tmp_path / "a", tmp_path / "b")
    assert figures(tmp_path / "a") != figures(tmp_path / "c")


def test_it_learns_and_keeps_the_best_epochs_weights(index: Path, tmp_path: Path):
    config = replace(CONFIG, epochs=20, learning_rate=0.02, precision="fp32")
    logged: dict[int | None, float] = {}
    metrics = pretrain_visual(
        config,
        index,
        tmp_path / "model",
        CheckpointStore(str(tmp_path / "state")),
        lambda values, step: logged.update({step: values["validation_hit_at_1"]}),
    )
    model = load(tmp_path / "model", torch.device("cpu"))
    assert model.config.classes == ("n1", "n2", "n3")
    loss, hit = validate(config, model, read_parts(index).validation)
    assert hit == metrics["best_validation_hit_at_1"] == max(logged.values())
    assert loss == pytest.approx(metrics["best_validation_loss"])
    assert hit > 0.6
    assert list(logged) == list(range(1, 21))


def test_it_stops_when_validation_no_longer_rises(index: Path, tmp_path: Path):
    config = replace(CONFIG, epochs=50, patience=1, learning_rate=1e-6)
    metrics = train(config, index, tmp_path / "model")
    assert metrics["epochs"] < 10
    assert metrics["best_epoch"] == metrics["epochs"] - 1


def test_patience_counts_from_the_best_epoch():
    hits = [0.1, 0.4, 0.4, 0.3]
    history = [{"epoch": n, "validation_hit_at_1": hit} for n, hit in enumerate(hits, 1)]
    assert is_over(replace(CONFIG, patience=2), history)
    assert not is_over(replace(CONFIG, patience=3), history)
    assert not is_over(replace(CONFIG, patience=0), history)
    assert not is_over(replace(CONFIG, patience=1), [])


def test_a_loss_that_is_no_number_stops_it(index: Path, tmp_path: Path):
    with pytest.raises(ValueError, match="training loss is nan in epoch 1: lower visual_learning"):
        train(replace(CONFIG, learning_rate=1e30, warmup_epochs=0.0), index, tmp_path / "model")


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_index_without_images_of_a_part_is_refused(tmp_path: Path, split: str):
    folder = write_index(tmp_path / "index", n1=split, n2=split, n3=split)
    with pytest.raises(ValueError, match=f"has no {split} image of a seen class"):
        read_parts(folder)


def test_a_class_that_is_validated_on_but_not_trained_on_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="has validation images of n2 and none to train on"):
        read_parts(write_index(tmp_path / "index", n2="train"))
