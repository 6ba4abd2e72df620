from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from support.settings import unchecked
from support.waiting import waits
from torch import nn

from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.device import reseed
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel, DeviseModelConfig
from components.shared.networks.visual_model import VisualConfig
from components.shared.processes.ranks import own_part
from components.shared.ranking.nearest_labels import terms_of
from components.shared.settings.devise import DeviseSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.captured_steps import CapturedSteps, views_that_fit
from components.train_devise.losses import cross_entropy, hinge_rank, l2
from components.train_devise.losses.problem import Loss, Problem
from components.train_devise.phase_1 import Epoch, steps_of
from components.train_devise.phases import Task
from components.train_devise.validation import Validation

IMAGES, FEATURES, LABELS, DIM, BATCH = 70, 24, 12, 8, 16
LOSSES = {"rank": hinge_rank, "l2": l2, "cross_entropy": cross_entropy}


def task_of(loss: str, folder: Path, momentum: float, device: torch.device) -> Task:
    config = unchecked(
        DeviseSettings, loss=loss, batch_size=BATCH, phase_1_momentum=momentum, margin=0.3
    )
    torch.manual_seed(1)
    visual = VisualConfig("none", (), 8, 8, feature_dim=FEATURES)
    model = DeviseModel(
        nn.Identity(), DeviseModelConfig(visual, "devise", DIM, True, True, "fp32")
    ).to(device)
    targets = nn.functional.normalize(torch.randn(LABELS, DIM), dim=1).to(device)
    wnids = [f"n{number}" for number in range(LABELS)]
    edges = [("root", wnid) for wnid in wnids]
    target_of = {wnid: number for number, wnid in enumerate(wnids)}
    taxonomy = Taxonomy({wnid: (wnid,) for wnid in wnids}, edges, "star")
    made: Loss = LOSSES[loss].prepare(Problem(config, targets, target_of, taxonomy))
    no_images = ImageStore(pd.DataFrame(columns=["shard", "offset", "length"]))
    candidates = terms_of([("x", np.ones(DIM), ["n1"])], ["n1"])
    validation = Validation(no_images, FeatureView((), np.arange(0)), [], candidates)
    labels = np.random.default_rng(2).integers(0, LABELS, IMAGES)
    return Task(
        config, model, made, no_images, features(), labels, validation,
        CheckpointStore(str(folder)),
        lambda figures, epoch: None, own_part(BATCH), made,
    )  # fmt: skip


def sgd(task: Task) -> torch.optim.SGD:
    momentum = task.config.phase_1_momentum
    return torch.optim.SGD(task.model.projection.parameters(), 0.1, momentum=momentum, fused=True)


def features() -> list[FeatureView]:
    drawn = np.random.default_rng(3).standard_normal((3, IMAGES, FEATURES))
    return [FeatureView((view,), np.arange(IMAGES)) for view in drawn.astype(np.float16)]


class Replayed:
    """Does again what a graph has recorded, on a CPU, which has none."""

    def __init__(self, work: Callable[[], None], *_: object) -> None:
        self.replay = work


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.device:
    if request.param == "cpu":
        monkeypatch.setattr("components.train_devise.captured_steps.captured", Replayed)
    return torch.device(request.param)


@pytest.mark.parametrize("held", [1, 3])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("loss", list(LOSSES))
def test_recorded_steps_train_as_steps_one_by_one_do(
    tmp_path: Path, device: torch.device, loss: str, momentum: float, held: int
) -> None:
    views, rates = features(), [0.1 / (1 + number) for number in range(5)]
    weights, sums = [], []
    for recorded in (False, True):
        task = task_of(loss, tmp_path, momentum, device)
        optimiser = sgd(task)
        go: Epoch
        if recorded:
            go = CapturedSteps(task, optimiser, views, held).epoch
        else:
            go = steps_of(task, optimiser, views)
        for epoch in range(4):
            reseed([epoch])
            sums.append(go(epoch % 3, torch.randperm(IMAGES), rates).clone())
        weights.append(task.model.projection.weight.detach())
    assert torch.allclose(weights[0], weights[1], rtol=1e-4, atol=1e-6)
    assert torch.allclose(torch.stack(sums[:4]), torch.stack(sums[4:]), rtol=1e-4)


@pytest.mark.gpu
def test_an_epoch_never_waits_for_the_gpu(tmp_path: Path) -> None:
    task = task_of("rank", tmp_path, 0.9, torch.device("cuda"))
    steps = CapturedSteps(task, sgd(task), features(), 3)
    assert not waits(lambda: steps.epoch(0, torch.randperm(IMAGES), [0.1] * 5))


@pytest.mark.parametrize(("free", "views"), [(10_000_000, 4), (2_000_000, 1), (1_000, 0)])
def test_views_are_held_where_they_fit(
    monkeypatch: pytest.MonkeyPatch, free: int, views: int
) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free, 80_000_000))
    view = FeatureView((np.zeros((1000, 512), np.float16),), np.arange(1000))
    held = views_that_fit([view] * 4, torch.device("cuda"))
    assert held == views
