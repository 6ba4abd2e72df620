"""A tiny image index, visual model and label space to train on."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import simplejpeg
import torch
from support.experiment import write_features
from support.settings import unchecked
from support.shards import write_shard

from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.label_space import (
    LabelSpace,
    Words,
    unit_norm,
    write_label_space,
    write_words,
)
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.networks.devise_model import DeviseModel, DeviseModelConfig
from components.shared.processes.ranks import own_part
from components.shared.ranking.nearest_labels import terms_of
from components.shared.settings.devise import DeviseSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.phases import Task
from components.train_devise.training import Inputs
from components.train_devise.validation import Validation

CLASSES = [f"n0000000{number}" for number in range(5)]
UNSEEN, WITHOUT_VECTOR = "n00000004", "n00000001"
"""The one without a vector has others before and after it, so that no wrong row passes for right.
"""
COUNTS = {"train": 8, "validation": 4, "test": 2}
SIZE = 32

Logged = list[tuple[dict[str, float], int | None]]
"""Figures and the epoch."""


@pytest.fixture(scope="session")
def devise_inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("devise")
    names = "taxonomy", "index", "visual", "features", "space"
    inputs = Inputs(*(folder / name for name in names))
    write_taxonomy(inputs.taxonomy)
    write_images(inputs.image_index)
    write_visual_model(inputs.visual_model, read_index(inputs.image_index))
    write_features(inputs.features, inputs.image_index, inputs.visual_model, views=2)
    write_space(inputs.label_space)
    return inputs


@pytest.fixture
def devise_model(devise_inputs: Inputs) -> DeviseModel:
    """A model before training, to do with as one likes."""
    visual = visual_model.load(devise_inputs.visual_model, torch.device("cpu"))
    torch.manual_seed(0)
    config = DeviseModelConfig(visual.config, "devise", 6, False, True, "fp32")
    return DeviseModel(visual.trunk, config).eval()


@pytest.fixture
def mnasnet_inputs(devise_inputs: Inputs, tmp_path: Path) -> Inputs:
    """The same with a network whose weights say which version of its layers they are of."""
    visual = tmp_path / "visual"
    write_visual_model(visual, read_index(devise_inputs.image_index), "mnasnet0_5")
    features = tmp_path / "features"
    write_features(features, devise_inputs.image_index, visual, views=2)
    return replace(devise_inputs, visual_model=visual, features=features)


@pytest.fixture
def logged() -> Logged:
    """What the task has logged."""
    return []


@pytest.fixture
def task(devise_model: DeviseModel, tmp_path: Path, logged: Logged) -> Task:
    """Nothing but the sum of M v to descend, and one image to validate on, which always is hit."""

    def loss(projected: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return projected.sum(), torch.tensor([0.0, 0.75, 0.0])

    config, checkpoints = unchecked(DeviseSettings, training_seed=4), CheckpointStore(str(tmp_path))
    no_images = ImageStore(pd.DataFrame(columns=["shard", "offset", "length"]))
    one = FeatureView((np.ones((1, 1024), np.float16),), np.arange(1))
    candidates = terms_of([("x", np.ones(6), ["n1"])], ["n1"])
    validation = Validation(no_images, one, ["n1"], candidates)
    return Task(
        config, devise_model, loss, no_images, [], np.zeros(6), validation, checkpoints,
        lambda figures, epoch: logged.append((dict(figures), epoch)), own_part(6), loss,
    )  # fmt: skip


def write_taxonomy(folder: Path) -> None:
    """A star: every class two hops from every other."""
    folder.mkdir()
    synsets = pd.DataFrame({"wnid": CLASSES, "terms": [[f"t{wnid}"] for wnid in CLASSES]})
    synsets.to_parquet(folder / "synsets.parquet")
    edges = pd.DataFrame({"a": "root", "b": CLASSES})
    edges.to_parquet(folder / "edges.parquet")
    (folder / "taxonomy.json").write_text('{"hierarchy": "star"}')


def write_images(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows, content = [], b""
    for number, wnid in enumerate(CLASSES):
        for split, count in COUNTS.items():
            for image in range(count):
                pixels = rng.integers(0, 60, (SIZE, SIZE, 3)).astype(np.uint8)
                pixels[:, :, number % 3] += np.uint8(60 + 20 * number)
                data = simplejpeg.encode_jpeg(pixels, quality=90)
                path = f"{split}/{wnid}/{image}.JPEG"
                rows.append((len(content), len(data), wnid, split, path))
                content += data
    frame = pd.DataFrame(rows, columns=["offset", "length", "wnid", "split", "path"])
    frame["shard"] = str(write_shard(folder, content))
    frame["checksum"] = hashlib.sha256(content).hexdigest()
    frame["seen"] = frame["wnid"] != UNSEEN
    frame.to_parquet(folder / "index.parquet")


def write_visual_model(
    folder: Path, index: pd.DataFrame, architecture: str = "shufflenet_v2_x0_5"
) -> None:
    torch.manual_seed(0)
    config = visual_model.VisualConfig(architecture, tuple(CLASSES[:4]), 24, SIZE)
    model = visual_model.build(config).train()
    with torch.no_grad():
        # BatchNorm's statistics of an untrained network let its features vanish.
        for _ in range(20):
            for images in centre_batches(ImageStore(index), config.view, 35, torch.device("cpu")):
                model(images)
    visual_model.save(model, folder, [])


def write_space(folder: Path, dim: int = 6) -> None:
    vectors = unit_norm(np.random.default_rng(1).standard_normal((4, dim)))
    labelled = [wnid for wnid in CLASSES if wnid != WITHOUT_VECTOR]
    row_of = {wnid: row for row, wnid in enumerate(labelled)}
    labels = pd.DataFrame(
        {
            "wnid": CLASSES,
            "role": ["unseen" if wnid == UNSEEN else "seen" for wnid in CLASSES],
            "terms": [[f"t{wnid}"] for wnid in CLASSES],
            "target_term": [f"t{wnid}" if wnid in row_of else "" for wnid in CLASSES],
            "target_source": ["first_term" if wnid in row_of else "none" for wnid in CLASSES],
            "target_row": [row_of.get(wnid, -1) for wnid in CLASSES],
        }
    )
    terms = pd.DataFrame(
        {
            "row": range(4),
            "term": [f"t{wnid}" for wnid in labelled],
            "count": 9,
            "source": "term",
            "wnids": [[wnid] for wnid in labelled],
        }
    )
    seen = [("seen", wnid) for wnid in CLASSES if wnid != UNSEEN]
    candidates = pd.DataFrame([*seen, ("unseen", UNSEEN)], columns=["set", "wnid"])
    write_label_space(folder, LabelSpace(labels, candidates, terms, vectors, {"kind": "skipgram"}))
    write_words(folder, Words(terms[["row", "term", "count"]], vectors.astype("f2")))
