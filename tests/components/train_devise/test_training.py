import dataclasses
import json
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from support.settings import changed, unchecked
from support.waiting import waits

from components.embed_images.shards import write_shard
from components.shared.artifacts.features import (
    FeatureFacts,
    held_out_images,
    training_images,
    write_features,
)
from components.shared.artifacts.label_space import read_label_space
from components.shared.images.index import read_index
from components.shared.networks.devise_model import read_devise_model
from components.shared.processes.launching import launched
from components.shared.settings.devise import DeviseSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.training import Inputs, write_devise_model

CONFIG = unchecked(
    DeviseSettings,
    batch_size=8,
    phase_1_epochs=3,
    phase_1_views=2,
    phase_2_epochs=2,
    precision="fp32",
)


class Killed(RuntimeError):
    pass


@dataclasses.dataclass
class Log:
    """Keeps what is logged; dies like a killed process when a given epoch is logged."""

    dies_at: tuple[str, int] | None = None

    def __post_init__(self) -> None:
        self.logged: list[tuple[dict[str, float], int | None]] = []

    def __call__(self, metrics: Mapping[str, float], step: int | None) -> None:
        self.logged.append((dict(metrics), step))
        if self.dies_at and step == self.dies_at[1] and f"{self.dies_at[0]}/loss" in metrics:
            raise Killed


Trained = tuple[dict[str, float], Path, Log]
"""The metrics of a training, the folder of its model and what it logged."""


def train(
    inputs: Inputs,
    folder: Path,
    config: DeviseSettings = CONFIG,
    log: Log | None = None,
    checkpoints: Path | None = None,
) -> dict[str, float]:
    store = CheckpointStore(str(checkpoints or folder / "checkpoints"))
    return write_devise_model(config, inputs, folder / "model", store, log or Log())


@pytest.fixture(scope="module")
def undisturbed(devise_inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("undisturbed")
    log = Log()
    return train(devise_inputs, folder, log=log), folder / "model", log


def assert_same_model(left: Path, right: Path) -> None:
    a, b = (load_file(folder / "model.safetensors") for folder in (left, right))
    assert a.keys() == b.keys()
    for name in a:
        assert np.array_equal(a[name], b[name]), name
    for name in ("history.json", "config.json"):
        assert (left / name).read_text() == (right / name).read_text()


@pytest.mark.parametrize(
    "epoch", [("phase_1", 1), ("phase_1", 3), ("phase_2", 1), ("phase_2", 2)], ids=str
)
def test_a_training_killed_and_resumed_ends_bit_for_bit_the_same(
    devise_inputs: Inputs, undisturbed: Trained, tmp_path: Path, epoch: tuple[str, int]
) -> None:
    with pytest.raises(Killed):
        train(devise_inputs, tmp_path, log=Log(dies_at=epoch))
    metrics = train(devise_inputs, tmp_path)
    assert metrics == undisturbed[0]
    assert_same_model(undisturbed[1], tmp_path / "model")


def test_two_processes_train_as_one_does(mnasnet_inputs: Inputs, tmp_path: Path) -> None:
    config = changed(CONFIG, batch_size=7, freeze_batchnorm=False, phase_2_accumulator=0.1)
    alone, together = tmp_path / "alone", tmp_path / "together"
    metrics = train(mnasnet_inputs, alone, config)
    store = CheckpointStore(str(tmp_path / "state"))
    log = Log()
    work = partial(write_devise_model, config, mnasnet_inputs, together / "model", store)
    assert launched(2, work, log) == pytest.approx(metrics, abs=1e-5)
    ours, theirs = (
        load_file(folder / "model" / "model.safetensors") for folder in (alone, together)
    )
    for name in ours:
        assert np.allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-5), name
    assert [step for row, step in log.logged if "phase_2/loss" in row] == [1, 2]


def test_a_finished_training_is_not_trained_again(
    devise_inputs: Inputs, undisturbed: Trained, tmp_path: Path
) -> None:
    log = Log()
    train(devise_inputs, tmp_path, checkpoints=undisturbed[1].parent / "checkpoints", log=log)
    assert log.logged == []
    assert_same_model(undisturbed[1], tmp_path / "model")


def test_what_was_left_out_is_counted(undisturbed: Trained) -> None:
    metrics = undisturbed[0]
    assert metrics["labels"] == metrics["distinct_targets"] == 3
    assert metrics["labels_left_out"] == 1
    assert metrics["images_left_out"] == 8
    assert metrics["train_images"] == 24


def test_every_epoch_of_both_phases_is_logged_and_kept(undisturbed: Trained) -> None:
    _, folder, log = undisturbed
    history = json.loads((folder / "history.json").read_text())
    assert [(row["phase"], row["epoch"]) for row in history] == [
        (1, 0), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2),
    ]  # fmt: skip
    for row in (row for row in history if row["epoch"]):
        assert 0 <= row["violated_margins"] <= row["violating_images"] <= 1
    assert len(log.logged) == 7
    assert set(log.logged[1][0]) == {
        "phase_1/images_per_second",
        "phase_1/loss", "phase_1/violated_margins", "phase_1/violating_images",
        "phase_1/validation_hit_at_1",
    }  # fmt: skip


def test_the_best_of_both_phases_is_kept(undisturbed: Trained) -> None:
    metrics, folder, _ = undisturbed
    history = json.loads((folder / "history.json").read_text())
    hits = [row["validation_hit_at_1"] for row in history if row["phase"] == 2]
    assert metrics["validation_hit_at_1"] == max(hits)
    assert metrics["phase_1_validation_hit_at_1"] == max(
        row["validation_hit_at_1"] for row in history if row["phase"] == 1
    )


def test_the_folder_holds_all_that_prediction_needs(
    devise_inputs: Inputs, undisturbed: Trained
) -> None:
    model = read_devise_model(undisturbed[1], torch.device("cpu"))
    points = model.embed(torch.zeros(2, 3, 24, 24))
    assert points.shape == (2, 6)
    assert points.norm(dim=1).tolist() == pytest.approx([1, 1], rel=1e-5)
    copied = read_label_space(undisturbed[1] / "label_space")
    assert (copied.vectors == read_label_space(devise_inputs.label_space).vectors).all()


def test_phase_1_learns_and_leaves_the_trunk_as_it_is(
    devise_inputs: Inputs, tmp_path: Path
) -> None:
    config = changed(
        CONFIG, phase_1_epochs=15, phase_1_learning_rate=0.001, phase_2_epochs=0, margin=0.3
    )
    train(devise_inputs, tmp_path, config)
    history = json.loads((tmp_path / "model" / "history.json").read_text())
    assert history[-2]["loss"] < 0.8 * history[1]["loss"]
    before = load_file(devise_inputs.visual_model / "weights.safetensors")
    after = load_file(tmp_path / "model" / "model.safetensors")
    for name, array in after.items():
        if name.startswith("trunk."):
            assert np.array_equal(array, before[name]), name


def test_an_image_s_features_meet_its_own_label(devise_inputs: Inputs, tmp_path: Path) -> None:
    index = read_index(devise_inputs.image_index)
    frames = held_out_images(index), training_images(index)
    # An image's features are 1 at its class's number, else 0.
    numbers = [frame["wnid"].str.removeprefix("n").astype(int).to_numpy() for frame in frames]
    of_class = np.eye(5, 1024, dtype=np.float16)
    shards = [
        write_shard(of_class[row], view, 0, str(tmp_path)) for view, row in enumerate(numbers)
    ]
    facts = FeatureFacts(1024, 1, len(frames[0]), len(frames[1]), "fp32")
    write_features(tmp_path / "features", facts, shards)
    inputs = dataclasses.replace(devise_inputs, features=tmp_path / "features")
    config = changed(CONFIG, phase_1_epochs=10, phase_1_views=1, phase_2_epochs=0, margin=0.3)
    metrics = train(inputs, tmp_path, config)
    assert metrics["validation_hit_at_1"] == 12 / 16, "all but those of the class without a vector"


def test_phase_2_finds_as_many_images_as_phase_1_does_by_their_features(
    devise_inputs: Inputs, tmp_path: Path
) -> None:
    config = changed(
        CONFIG, loss="cross_entropy", temperature=1.0, phase_1_epochs=30,
        phase_1_learning_rate=0.001, phase_2_epochs=1,
    )  # fmt: skip
    metrics = train(devise_inputs, tmp_path, config)
    history = json.loads((tmp_path / "model" / "history.json").read_text())
    (first,) = [
        row["validation_hit_at_1"] for row in history if (row["phase"], row["epoch"]) == (2, 0)
    ]
    assert first > 0.4, "a model that tells nothing apart would find as many wherever it looks"
    one_image = 1 / 16  # The features are rounded to float16.
    assert first == pytest.approx(metrics["phase_1_validation_hit_at_1"], abs=one_image)


def test_phase_2_trains_trunk_and_projection(devise_inputs: Inputs, tmp_path: Path) -> None:
    config = changed(
        CONFIG, phase_1_epochs=1, phase_1_learning_rate=1e-6, phase_2_epochs=1,
        phase_2_learning_rate=0.1, phase_2_trunk_learning_rate=1e-3,
    )  # fmt: skip
    metrics = train(devise_inputs, tmp_path, config)
    assert (metrics["best_phase"], metrics["best_epoch"]) == (2, 1)
    pretrained = load_file(devise_inputs.visual_model / "weights.safetensors")
    before = pretrained | load_file(tmp_path / "model" / "phase_1.safetensors")
    after = load_file(tmp_path / "model" / "model.safetensors")
    trained = dict(read_devise_model(tmp_path / "model").named_parameters())
    assert [name for name in trained if np.array_equal(after[name], before[name])] == []


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "l2", "normalise_projection": False, "phase_1_learning_rate": 0.001},
        {"violators": "all", "margin_scaling": "relatedness", "bias": True},
        {"loss": "cross_entropy", "soft_label_share": 0.5},
        {"violators": "fixed_order", "freeze_batchnorm": False, "precision": "bf16"},
    ],
    ids=str,
)
def test_every_option_trains(
    devise_inputs: Inputs, tmp_path: Path, options: dict[str, Any]
) -> None:
    config = changed(CONFIG, phase_1_epochs=1, phase_2_epochs=1, **options)
    metrics = train(devise_inputs, tmp_path, config)
    assert 0 <= metrics["validation_hit_at_1"] <= 1
    read = read_devise_model(tmp_path / "model", torch.device("cpu"))
    assert (read.projection.bias is not None) == config.bias
    facts = json.loads((tmp_path / "model" / "config.json").read_text())["training"]
    assert facts["soft_label_share"] == (0.5 if config.loss == "cross_entropy" else 0.0)


def test_a_diverging_loss_names_the_learning_rate(devise_inputs: Inputs, tmp_path: Path) -> None:
    config = changed(
        CONFIG, loss="l2", normalise_projection=False, phase_1_learning_rate=100.0,
        phase_1_epochs=15,
    )  # fmt: skip
    with pytest.raises(ValueError, match="lower devise_phase_1_learning_rate"):
        train(devise_inputs, tmp_path, config)


def test_a_network_whose_layers_have_versions_is_trained_resumed_and_read(
    mnasnet_inputs: Inputs, tmp_path: Path
) -> None:
    config = changed(CONFIG, phase_1_epochs=1, phase_2_epochs=1)
    with pytest.raises(Killed):
        train(mnasnet_inputs, tmp_path, config, Log(dies_at=("phase_2", 1)))
    train(mnasnet_inputs, tmp_path, config)
    model = read_devise_model(tmp_path / "model")
    assert torch.isfinite(model.embed(torch.rand(2, 3, 24, 24))).all()


@pytest.mark.gpu
@pytest.mark.parametrize("loss", ["rank", "l2", "cross_entropy"])
def test_no_step_of_phase_2_waits_for_the_gpu(
    devise_inputs: Inputs, tmp_path: Path, loss: str
) -> None:
    config = changed(CONFIG, phase_1_epochs=1, phase_1_views=1, loss=loss)
    counts = []
    train(devise_inputs, tmp_path / "what_is_sent_once", config)
    for epochs in (1, 3):
        train(devise_inputs, tmp_path / str(epochs), changed(config, phase_2_epochs=0))
        for size in (8, 2):
            # Phase 1 is done: what differs is the number of phase 2's steps.
            again = changed(config, phase_2_epochs=epochs, batch_size=size)
            checkpoints = tmp_path / f"{epochs}_{size}"
            shutil.copytree(tmp_path / str(epochs) / "checkpoints", checkpoints)
            work = partial(train, devise_inputs, tmp_path / "again", again, None, checkpoints)
            counts.append(waits(work))
    assert counts[0] == counts[1]
    assert counts[2] == counts[3]
