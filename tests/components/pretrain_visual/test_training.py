import json
import math
import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.colours import numbered, write_index, write_numbered_index, write_weights
from support.settings import changed, unchecked
from support.waiting import waits
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.optim.optimizer import register_optimizer_step_post_hook

from components.pretrain_visual.parts import read_parts
from components.pretrain_visual.start import first_model
from components.pretrain_visual.training import pretrain_visual, validate
from components.shared.networks.epochs import HIT
from components.shared.networks.small_resnet import small_resnet18
from components.shared.networks.visual_model import VisualConfig, VisualModel, build, load, save
from components.shared.processes.launching import launched
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore

CONFIG = unchecked(
    VisualSettings,
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


@pytest.fixture(name="index", scope="module")
def index_of_three_colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_index(tmp_path_factory.mktemp("colours") / "index")


def ignore(metrics: Mapping[str, float], step: int | None) -> None:
    pass


def train(
    config: VisualSettings, index: Path, output: Path, before: Path | None = None
) -> dict[str, float]:
    checkpoints = CheckpointStore(f"{output}-state")
    return pretrain_visual(config, index, output, checkpoints, ignore, before)


def figures(folder: Path) -> list[dict[str, float]]:
    history = json.loads((folder / "history.json").read_text())
    return [{k: v for k, v in epoch.items() if k != "images_per_second"} for epoch in history]


def assert_same_weights(one: Path, other: Path) -> None:
    weights, others = (load_file(folder / "weights.safetensors") for folder in (one, other))
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def assert_same(one: Path, other: Path) -> None:
    assert_same_weights(one, other)
    assert figures(one) == figures(other)


@dataclass
class Seen:
    """What a network was trained on, what came out and its weights after the step, a step each."""

    images: list[torch.Tensor] = field(default_factory=list)
    logits: list[torch.Tensor] = field(default_factory=list)
    weights: list[dict[str, torch.Tensor]] = field(default_factory=list)


@contextmanager
def watched() -> Iterator[Seen]:
    """Look at all that is trained meanwhile."""
    seen = Seen()
    networks: list[VisualModel] = []

    def note(module: nn.Module, inputs: tuple[torch.Tensor, ...], outputs: torch.Tensor) -> None:
        if module.training and isinstance(module, VisualModel):
            networks[:] = [module]
            seen.images.append(inputs[0].clone())
            seen.logits.append(outputs.detach().clone())

    def stepped(*_: object) -> None:
        (network,) = networks
        seen.weights.append({k: v.detach().clone() for k, v in network.state_dict().items()})

    handles = register_module_forward_hook(note), register_optimizer_step_post_hook(stepped)
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


AVERAGED = {"architecture": "small_resnet18", "averaging": 0.8, "half_size_epochs": 3}


@pytest.mark.parametrize("extra", [{}, AVERAGED])
def test_killed_and_resumed_it_ends_as_if_undisturbed(
    index: Path, tmp_path: Path, extra: dict[str, str | float]
) -> None:
    config = changed(CONFIG, **extra)
    train(config, index, tmp_path / "undisturbed")
    checkpoints = CheckpointStore(str(tmp_path / "state"))

    def kill_after_two(metrics: Mapping[str, float], step: int | None) -> None:
        if step == 2:
            raise Killed

    with pytest.raises(Killed):
        pretrain_visual(config, index, tmp_path / "resumed", checkpoints, kill_after_two)
    epochs: list[int | None] = []
    pretrain_visual(
        config, index, tmp_path / "resumed", checkpoints, lambda _, step: epochs.append(step)
    )
    assert epochs == [3, 4]
    assert_same(tmp_path / "undisturbed", tmp_path / "resumed")


def test_it_says_with_how_many_threads_it_computes_and_who_decodes(
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    of_training = "components.pretrain_visual.training.pick_device"
    monkeypatch.setattr(of_training, lambda: torch.device("cpu"))
    monkeypatch.setattr("components.shared.images.batches.data_threads", lambda: 3)
    train(changed(CONFIG, epochs=1, precision="fp32"), index, tmp_path / "model")
    threads = torch.get_num_threads()
    own = f"{threads} thread{'s' if threads > 1 else ''}"
    assert f"; in fp32 with {own}, images decoded by 3 threads\n" in capsys.readouterr().out


def test_its_first_epochs_may_see_half_the_side(index: Path, tmp_path: Path) -> None:
    with watched() as seen:
        train(changed(CONFIG, epochs=2, half_size_epochs=1), index, tmp_path / "model")
    sizes = list(dict.fromkeys(tuple(images.shape[2:]) for images in seen.images))
    assert sizes == [(CONFIG.input_size // 2,) * 2, (CONFIG.input_size,) * 2]


def test_half_the_side_that_a_network_cannot_take_is_refused_before_the_first_step(
    index: Path, tmp_path: Path
) -> None:
    config = changed(CONFIG, architecture="alexnet", input_size=64, resize=64, half_size_epochs=1)
    with pytest.raises(ValueError, match=r"half_size_epochs is 1: set it to 0.* of 32 pixels"):
        train(config, index, tmp_path / "model")


def test_with_averaging_the_moving_average_of_each_step_s_weights_is_kept(
    index: Path, tmp_path: Path
) -> None:
    with watched() as seen:
        config = changed(CONFIG, epochs=1, precision="fp32", averaging=0.75)
        train(config, index, tmp_path / "model")
    average, *later = seen.weights
    assert len(later) == 2
    for weights in later:
        average = {name: 0.75 * average[name] + 0.25 * weights[name] for name in average}
    kept = load(tmp_path / "model", torch.device("cpu")).state_dict()
    for name in kept:
        if kept[name].is_floating_point():
            assert torch.allclose(kept[name], average[name], rtol=1e-5, atol=1e-6), name


def test_label_smoothing_spreads_its_share_over_all_classes(index: Path, tmp_path: Path) -> None:
    config = changed(CONFIG, epochs=1, batch_size=27, precision="fp32")
    with watched() as seen:
        train(changed(config, label_smoothing=0.0), index, tmp_path / "none")
    train(changed(config, label_smoothing=0.3), index, tmp_path / "smoothed")
    hard, smoothed = (figures(tmp_path / name)[0]["train_loss"] for name in ("none", "smoothed"))
    (logits,) = seen.logits
    spread = -torch.log_softmax(logits, dim=1).mean().item()
    assert abs(spread - hard) > 0.01
    assert smoothed == pytest.approx(0.7 * hard + 0.3 * spread, rel=1e-5)


TOGETHER = changed(
    CONFIG,
    architecture="small_resnet18",
    epochs=2,
    batch_size=7,
    learning_rate=3e-4,
    precision="fp32",
)
"""Of which two processes have three and four images a batch; higher rates blow rounding up."""


@pytest.fixture(name="alone", scope="module")
def trained_by_one_process(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("alone")
    train(TOGETHER, index, folder / "model")
    return folder / "model"


def assert_equal_to_rounding(one: Path, other: Path) -> None:
    weights, others = (load_file(folder / "weights.safetensors") for folder in (one, other))
    for name in weights:
        assert torch.allclose(weights[name], others[name], rtol=1e-5, atol=1e-5), name
    for ours, theirs in zip(figures(one), figures(other), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)


def test_two_processes_train_as_one_does(index: Path, alone: Path, tmp_path: Path) -> None:
    logged: list[tuple[Mapping[str, float], int | None]] = []
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    work = partial(pretrain_visual, TOGETHER, index, tmp_path / "together", checkpoints)
    metrics = launched(2, work, lambda row, step: logged.append((row, step)))
    assert_equal_to_rounding(alone, tmp_path / "together")
    assert [step for _, step in logged] == [1, 2]
    assert metrics["epochs"] == 2


def test_one_process_goes_on_where_one_of_two_was_killed(
    index: Path, alone: Path, tmp_path: Path
) -> None:
    checkpoints = CheckpointStore(str(tmp_path / "state"))
    work = partial(pretrain_visual, TOGETHER, index, tmp_path / "resumed", checkpoints)

    def kill_one(_row: Mapping[str, float], _step: int | None) -> None:
        os.kill(multiprocessing.active_children()[-1].pid or 0, signal.SIGKILL)

    with pytest.raises(RuntimeError, match=r"Process \d of 2 ended with status -9"):
        launched(2, work, kill_one)
    assert not (tmp_path / "resumed").exists()
    epochs: list[int | None] = []
    work(log=lambda _, step: epochs.append(step))
    assert epochs == [2]
    assert_equal_to_rounding(alone, tmp_path / "resumed")


CONTINUED = changed(CONFIG, epochs=3, learning_rate=0.01, warmup_epochs=0.0, training_seed=3)


@pytest.fixture(name="before", scope="module")
def model_of_two_epochs(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    train(changed(CONFIG, epochs=2), index, folder / "model")
    return folder / "model"


def test_training_on_killed_and_resumed_ends_as_if_undisturbed(
    index: Path, before: Path, tmp_path: Path
) -> None:
    train(CONTINUED, index, tmp_path / "undisturbed", before)
    checkpoints = CheckpointStore(str(tmp_path / "state"))

    def kill_after_one(metrics: Mapping[str, float], step: int | None) -> None:
        if step == 1:
            raise Killed

    resumed = tmp_path / "resumed"
    with pytest.raises(Killed):
        pretrain_visual(CONTINUED, index, resumed, checkpoints, kill_after_one, before)
    epochs: list[int | None] = []
    pretrain_visual(
        CONTINUED, index, resumed, checkpoints, lambda _, step: epochs.append(step), before
    )
    assert epochs == [2, 3]
    assert_same(tmp_path / "undisturbed", resumed)


def test_training_on_measures_the_start_as_epoch_0(
    index: Path, before: Path, tmp_path: Path
) -> None:
    metrics = train(CONTINUED, index, tmp_path / "after", before)
    start, *epochs = figures(tmp_path / "after")
    best = max(figures(before), key=lambda epoch: epoch["validation_hit_at_1"])
    assert start["epoch"] == 0
    assert start["validation_hit_at_1"] == best["validation_hit_at_1"]
    assert start["validation_loss"] == pytest.approx(best["validation_loss"], rel=1e-4)
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert epochs[0]["learning_rate"] == CONTINUED.learning_rate
    assert metrics["epochs"] == 3


def test_training_on_goes_on_with_the_images_of_the_epochs_that_follow(
    index: Path, before: Path, tmp_path: Path
) -> None:
    with watched() as fresh:
        train(changed(CONFIG, epochs=3), index, tmp_path / "fresh")
    with watched() as after:
        train(changed(CONFIG, epochs=1), index, tmp_path / "after", before)
    first, third = fresh.images[:3], fresh.images[6:]
    assert all(map(torch.equal, after.images, third))
    assert not any(map(torch.equal, after.images, first))


def test_training_on_that_spoils_the_network_gives_the_start(
    index: Path, before: Path, tmp_path: Path
) -> None:
    spoiling = changed(CONTINUED, learning_rate=5.0)
    metrics = train(spoiling, index, tmp_path / "after", before)
    hits = [epoch["validation_hit_at_1"] for epoch in figures(tmp_path / "after")]
    assert hits[0] == max(hits)
    assert metrics["best_epoch"] == 0
    assert_same_weights(tmp_path / "after", before)


def test_no_epoch_more_gives_the_start_as_it_is(index: Path, before: Path, tmp_path: Path) -> None:
    metrics = train(changed(CONTINUED, epochs=0), index, tmp_path / "after", before)
    assert [epoch["epoch"] for epoch in figures(tmp_path / "after")] == [0]
    assert_same_weights(tmp_path / "after", before)
    assert (metrics["epochs"], metrics["mean_images_per_second"]) == (0, 0)


PRETRAINED = changed(CONFIG, architecture="small_resnet18", epochs=0, precision="fp32")


def test_pretrained_weights_without_an_epoch_are_the_softmax_over_the_seen_classes(
    tmp_path: Path,
) -> None:
    index = write_numbered_index(tmp_path / "index")
    weights, classes = write_weights(tmp_path / "weights", numbered(5, 3, 1, 4, 2))
    config = changed(PRETRAINED, pretrained=str(weights), pretrained_classes_uri=str(classes))
    metrics = train(config, index, tmp_path / "model")
    model = load(tmp_path / "model", torch.device("cpu"))
    whole = small_resnet18(5).eval()
    whole.load_state_dict(torch.load(weights, weights_only=True))
    images = torch.randn(4, 3, 32, 32)
    with torch.no_grad():
        chances = torch.softmax(whole(images), 1)[:, [2, 4, 1]]
        expected = chances / chances.sum(1, keepdim=True)
        assert torch.allclose(torch.softmax(model(images), 1), expected, atol=1e-5)
    assert model.config.classes == numbered(1, 2, 3)
    assert model.config.pretrained_classes == numbered(1, 2, 3, 4, 5)
    assert not model.config.zero_shot_contaminated
    assert metrics["best_validation_hit_at_1"] == figures(tmp_path / "model")[0][HIT]


def test_weights_that_are_trained_on_get_fresh_outputs_for_what_they_lack(tmp_path: Path) -> None:
    index = write_numbered_index(tmp_path / "index")
    weights, classes = write_weights(tmp_path / "weights", numbered(3, 7, 1))
    config = changed(
        PRETRAINED, epochs=1, pretrained=str(weights), pretrained_classes_uri=str(classes)
    )
    parts = read_parts(index)
    start = first_model(config, parts.classes, unseen=parts.unseen).model
    rows = torch.load(weights, weights_only=True)["classifier.weight"]
    assert torch.equal(start.classifier.weight[[0, 2]], rows[[2, 0]])
    assert not any(torch.equal(start.classifier.weight[1], row) for row in rows)
    train(config, index, tmp_path / "model")
    assert [epoch["epoch"] for epoch in figures(tmp_path / "model")] == [0, 1]


@pytest.mark.parametrize("made", ["checkpoint", "visual model", "fine-tuned"])
def test_weights_that_have_seen_a_zero_shot_class_are_refused_unless_allowed(
    tmp_path: Path, made: str
) -> None:
    index = write_numbered_index(tmp_path / "index")
    weights, classes = write_weights(tmp_path / "weights", numbered(1, 2, 3, 9))
    config = changed(PRETRAINED, pretrained=str(weights), pretrained_classes_uri=str(classes))
    if made != "checkpoint":
        outputs = numbered(1, 2, 3, 9) if made == "visual model" else numbered(1, 2, 3)
        before = numbered(9) if made == "fine-tuned" else ()
        visual = VisualConfig("small_resnet18", outputs, 32, 32, pretrained_classes=before)
        save(build(visual), tmp_path / "own", [])
        config = changed(PRETRAINED, pretrained=str(tmp_path / "own"))
    with pytest.raises(ValueError, match="was trained on n00000009"):
        train(config, index, tmp_path / "model")
    train(changed(config, allow_unseen_overlap=True), index, tmp_path / "model")
    content = json.loads((tmp_path / "model" / "config.json").read_text())
    assert content["zero_shot_contaminated"] is True
    assert content["classes"] == list(numbered(1, 2, 3))
    train(changed(CONTINUED, epochs=0), index, tmp_path / "continued", tmp_path / "model")
    content = json.loads((tmp_path / "continued" / "config.json").read_text())
    assert content["zero_shot_contaminated"] is True


def test_a_network_whose_layers_have_versions_resumes(index: Path, tmp_path: Path) -> None:
    config = changed(CONFIG, architecture="mnasnet0_5", epochs=1)
    train(config, index, tmp_path / "model")
    train(changed(config, epochs=1), index, tmp_path / "model")
    assert load(tmp_path / "model", torch.device("cpu")).config.architecture == "mnasnet0_5"


def test_a_seed_gives_the_same_network_and_another_seed_another(
    index: Path, tmp_path: Path
) -> None:
    config = changed(CONFIG, epochs=1)
    train(config, index, tmp_path / "a")
    train(config, index, tmp_path / "b")
    train(changed(config, training_seed=1), index, tmp_path / "c")
    assert_same(tmp_path / "a", tmp_path / "b")
    assert figures(tmp_path / "a") != figures(tmp_path / "c")


def test_it_learns_and_keeps_the_best_epochs_weights(index: Path, tmp_path: Path) -> None:
    config = changed(CONFIG, epochs=20, learning_rate=0.02, precision="fp32")
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
    assert loss == pytest.approx(metrics["best_validation_loss"], rel=1e-4)
    assert hit > 0.6
    assert list(logged) == list(range(1, 21))


def test_it_stops_when_validation_no_longer_rises(index: Path, tmp_path: Path) -> None:
    config = changed(CONFIG, epochs=50, patience=1, learning_rate=1e-6)
    metrics = train(config, index, tmp_path / "model")
    assert metrics["epochs"] < 10
    assert metrics["best_epoch"] == metrics["epochs"] - 1


def test_a_loss_that_is_no_number_stops_it(index: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="training loss is nan in epoch 1: lower visual_learning"):
        train(changed(CONFIG, learning_rate=1e30, warmup_epochs=0.0), index, tmp_path / "model")


@pytest.mark.gpu
def test_no_step_waits_for_the_gpu(index: Path, tmp_path: Path) -> None:
    train(changed(CONFIG, epochs=1), index, tmp_path / "what_is_sent_once")
    counts = [
        waits(partial(train, changed(CONFIG, batch_size=size), index, tmp_path / f"of_{size}"))
        for size in (8, 2)
    ]
    assert counts[0] == counts[1]


def test_a_network_whose_scores_are_no_numbers_hits_nothing(index: Path) -> None:
    parts = read_parts(index)
    model = build(VisualConfig("small_resnet18", parts.classes, 32, 32))
    for parameter in model.classifier.parameters():
        torch.nn.init.constant_(parameter, float("nan"))
    loss, hit = validate(CONFIG, model, parts.validation)
    assert (math.isnan(loss), hit) == (True, 0.0)
