"""What a GPU does by itself, and what our training, features and phase 1 make of it.

    python benchmarks/gpu.py [--quick]

A table of one run, in Markdown. `alone` is the same step over and over on a batch that lies on the
GPU, `input` the batches without a step, and the ratio that of ours and the smaller of the two. With
`--quick` everything is tiny and runs on any CPU: it shows that the script works, and no speed.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from image_world import photograph, shard_of, write_index
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from components.embed_images.embedding import embed_images
from components.pretrain_visual.parts import LabelledImages, read_parts
from components.pretrain_visual.schedule import build_optimiser
from components.pretrain_visual.training import pretrain_visual, validate
from components.shared.artifacts.features import FeatureView
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.device import autocast, pick_device
from components.shared.images import batches as batches_of_images
from components.shared.images.batches import augmented_batches, centre_batches
from components.shared.images.shards import ImageStore
from components.shared.machine import available_cpus
from components.shared.networks.devise_model import DeviseModel, DeviseModelConfig
from components.shared.networks.epochs import SPEED
from components.shared.networks.optimiser_state import has_fused_step
from components.shared.networks.visual_model import VisualConfig, VisualModel, build, save
from components.shared.processes.ranks import own_part
from components.shared.ranking.nearest_labels import terms_of
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.embed import EmbedSettings
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise import captured_steps, phase_1, phase_2
from components.train_devise.losses import hinge_rank
from components.train_devise.losses.problem import Problem
from components.train_devise.phases import Task, step
from components.train_devise.validation import Validation

DIM, MARGIN = 500, 0.1
ROOM = 16_000_000_000
HEAD = "| what | alone | input | ours | ours / the smaller | seconds |"
RULE = "|---|---:|---:|---:|---:|---:|"


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        input_size: Side of the network's input, pixels; images have a short side of 8/7 of it.
        classes: Number of classes.
        different: Images that differ; they are repeated.
        images: Of an epoch, by the network.
        steps: Of what is measured alone.
        features: Images of phase 1 and features of each.
    """

    input_size: int
    classes: int
    different: int
    images: Mapping[str, int]
    steps: int
    features: tuple[int, int]

    @property
    def resize(self) -> int:
        """Short side of the images, pixels."""
        return self.input_size * 8 // 7


LARGE = Sizes(224, 1000, 256, {"alexnet": 49_152, "resnet50": 8_192}, 50, (128_064, 4096))
SMALL = Sizes(28, 10, 16, {"shufflenet_v2_x0_5": 64, "small_resnet18": 64}, 2, (300, 16))


@dataclass(frozen=True)
class Row:
    """A row of the table, in units a second.

    Attributes:
        what: What is done.
        alone: The bare step.
        given: The input alone; None: there is none.
        ours: The whole.
        unit: What is counted.
    """

    what: str
    alone: float
    given: float | None
    ours: float
    unit: str = "images/s"

    def cells(self) -> list[str]:
        """The row as it is shown."""
        given = "" if self.given is None else f"{self.given:,.0f}"
        bound = min(self.alone, self.given or self.alone)
        ours = f"{self.ours:,.0f} {self.unit}"
        return [self.what, f"{self.alone:,.0f}", given, ours, f"{self.ours / bound:.2f}"]


class Bench:
    """The world that is measured in."""

    def __init__(self, sizes: Sizes, folder: Path) -> None:
        """Make the images."""
        self.sizes, self.folder, self.device = sizes, folder, pick_device()
        images = [photograph(sizes.resize, seed) for seed in range(sizes.different)]
        self.mean_size = sum(map(len, images)) / len(images)
        self.shard = shard_of(folder / "shards", images)
        self.networks = list(sizes.images)

    def index(self, architecture: str) -> Path:
        """An image index of the size that this network gets."""
        index = self.folder / f"index_{architecture}"
        if not index.exists():
            images = self.sizes.images[architecture]
            classes = self.sizes.classes
            write_index(index, self.shard, images, max(classes, images // 16), classes)
        return index

    def model(self, architecture: str) -> VisualModel:
        """A fresh network on the device."""
        wnids = tuple(f"n{number:08d}" for number in range(self.sizes.classes))
        config = VisualConfig(architecture, wnids, self.sizes.input_size, self.sizes.resize)
        return build(config).to(self.device)

    def settings(self, architecture: str, batch_size: int, epochs: int) -> VisualSettings:
        """Of pretraining."""
        return VisualSettings(
            architecture=architecture,
            input_size=self.sizes.input_size,
            resize=self.sizes.resize,
            batch_size=batch_size,
            epochs=epochs,
            patience=0,
        )

    def batch(self, size: int) -> Tensor:
        """Images as the network gets them."""
        side = self.sizes.input_size
        images = torch.randn(size, 3, side, side, device=self.device)
        return images.to(memory_format=torch.channels_last)

    def labels(self, size: int) -> Tensor:
        """Classes of a batch."""
        return torch.randint(self.sizes.classes, (size,), device=self.device)

    def wait(self) -> None:
        """Until the GPU has done everything."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def rate(self, work: Callable[[], object], count: int, tries: int | None = None) -> float:
        """How often a second, `count` at a time, after a few tries."""
        repeats = tries or self.sizes.steps
        for _ in range(max(1, repeats // 5)):
            work()
        self.wait()
        started = time.perf_counter()
        for _ in range(repeats):
            work()
        self.wait()
        return repeats * count / (time.perf_counter() - started)

    @cache  # noqa: B019
    def input_alone(self, batch_size: int, images: int) -> float:
        """Training batches a second, nothing else done; the first of them are left out."""
        store = ImageStore(self.shard)
        order = np.arange(images) % len(store)
        view = VisualConfig("", (), self.sizes.input_size, self.sizes.resize).view
        started, done = 0.0, 0
        for rows, _ in augmented_batches(store, view, order, batch_size, [1], self.device):
            if not started:
                self.wait()
                started = time.perf_counter()
            else:
                done += len(rows)
        self.wait()
        return done / (time.perf_counter() - started)


def pretraining(bench: Bench, architecture: str, batch_size: int) -> Row:
    """Pretraining: the best of the epochs after the first."""
    images = bench.sizes.images[architecture]
    alone = bench.rate(_pretraining_step(bench, architecture, batch_size), batch_size)
    given = bench.input_alone(batch_size, min(images, 32_768))
    speeds: list[float] = []
    epochs = 3 if architecture == bench.networks[0] else 2
    with _folder(bench) as folder:
        pretrain_visual(
            bench.settings(architecture, batch_size, epochs),
            bench.index(architecture),
            folder / "model",
            CheckpointStore(str(folder / "state")),
            lambda figures, _: speeds.append(figures.get(SPEED, 0.0)),
        )
    return Row(f"pretraining {architecture}, batch {batch_size}", alone, given, max(speeds[1:]))


def _pretraining_step(bench: Bench, architecture: str, batch_size: int) -> Callable[[], None]:
    config, model = bench.settings(architecture, batch_size, 1), bench.model(architecture).train()
    optimiser = build_optimiser(config, model)
    images, labels = bench.batch(batch_size), bench.labels(batch_size)

    def once() -> None:
        with autocast(bench.device, "bf16"):
            logits = model(images)
        loss = cross_entropy(logits.float(), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    return once


def second_phase(bench: Bench, architecture: str, batch_size: int) -> Row:
    """Phase 2: the whole network, by Adagrad."""
    speeds: list[float] = []
    with _folder(bench) as folder:
        task = _task(bench, architecture, batch_size, folder, speeds)
        alone = bench.rate(_second_phase_step(bench, task), batch_size)
        given = bench.input_alone(batch_size, min(bench.sizes.images[architecture], 32_768))
        phase_2.train_network(task)
    return Row(f"phase 2 {architecture}, batch {batch_size}", alone, given, max(speeds))


def _second_phase_step(bench: Bench, task: Task) -> Callable[[], object]:
    phase_2.train_mode(task.model, freeze_batchnorm=True, dropout=True)
    fused = has_fused_step(torch.optim.Adagrad, bench.device)
    optimiser = torch.optim.Adagrad(task.model.parameters(), 1e-4, fused=fused)
    batch_size = task.config.batch_size
    images, labels = bench.batch(batch_size), bench.labels(batch_size)
    return lambda: step(task, optimiser, task.model(images), labels)


def on_every_cpu(bench: Bench, architecture: str, batch_size: int) -> Row:
    """Phase 2 beside a decoding process on every CPU: none is left to the one that trains."""
    processes = available_cpus()
    with _decoded_by(bench, processes):
        row = second_phase(bench, architecture, batch_size)
    return replace(row, what=f"{row.what}, decoded by {processes} processes")


@contextmanager
def _decoded_by(bench: Bench, processes: int) -> Iterator[None]:
    """Let so many processes decode while the context lasts."""
    _end_decoding(bench)
    with patch.object(batches_of_images, "data_processes", lambda _: processes):
        try:
            yield
        finally:
            _end_decoding(bench)


def _end_decoding(bench: Bench) -> None:
    bench.input_alone.cache_clear()
    if pool := batches_of_images.decoding_pool(bench.device):
        pool.close()


def _task(
    bench: Bench, architecture: str, batch_size: int, folder: Path, speeds: list[float]
) -> Task:
    """A DeViSE model on this network, and what it is trained on; speeds are noted."""
    visual = bench.model(architecture)
    facts = DeviseModelConfig(visual.config, "devise", DIM, False, True, "bf16")
    model = DeviseModel(visual.trunk, facts).to(bench.device)
    images = read_parts(bench.index(architecture)).train
    config = DeviseSettings(batch_size=batch_size, phase_2_epochs=2, margin=MARGIN)
    targets = nn.functional.normalize(torch.randn(bench.sizes.classes, DIM), dim=1)
    wnids = list(visual.config.classes)
    table = [(wnid, vector, [wnid]) for wnid, vector in zip(wnids, targets.numpy(), strict=True)]
    few, truth = ImageStore(bench.shard), ["n00000000"] * len(bench.shard)
    held_out = Validation(few, FeatureView((), np.arange(0)), truth, terms_of(table, wnids))
    loss = hinge_rank.prepare(
        Problem(
            config,
            targets.to(bench.device),
            {wnid: row for row, wnid in enumerate(wnids)},
            Taxonomy({}, [], ""),
        )
    )

    def log(figures: Mapping[str, float], _: int | None) -> None:
        speeds.extend(value for name, value in figures.items() if name.endswith(SPEED))

    return Task(
        config, model, loss, images.store, [], images.labels, held_out,
        CheckpointStore(str(folder / "state")), log, own_part(batch_size), loss,
    )  # fmt: skip


@torch.inference_mode()
def features_of_views(bench: Bench, architecture: str, batch_size: int) -> Row:
    """The frozen trunk over random crops."""
    trunk = bench.model(architecture).eval().trunk
    images = read_parts(bench.index(architecture)).train
    batch, view = bench.batch(batch_size), bench.model(architecture).config.view

    def features(given: Tensor) -> Tensor:
        with autocast(bench.device, "bf16"):
            result: Tensor = trunk(given).half()
        return result

    def all_of_them() -> None:
        order = np.arange(len(images.labels))
        taken = augmented_batches(images.store, view, order, batch_size, [2], bench.device)
        torch.cat([features(given) for _, given in taken]).cpu()

    alone = bench.rate(lambda: features(batch), batch_size)
    given = bench.input_alone(batch_size, min(len(images.labels), 32_768))
    ours = bench.rate(all_of_them, len(images.labels), 1)
    return Row(f"features of views {architecture}, batch {batch_size}", alone, given, ours)


def embedding(bench: Bench, architecture: str, batch_size: int) -> Row:
    """The whole stage embed_images, which ends with the features on disk."""
    with _folder(bench) as folder:
        model = bench.model(architecture)
        save(model, folder / "visual", [])
        config = EmbedSettings(views=2, store_uri=str(folder / "store"))
        state = CheckpointStore(str(folder / "state"))
        started = time.perf_counter()
        index, artifact = bench.index(architecture), folder / "features"
        counts = embed_images(config, index, folder / "visual", artifact, state)
        ours = counts["crops"] / (time.perf_counter() - started)
    trunk, batch = model.eval().trunk, bench.batch(batch_size)

    @torch.inference_mode()
    def features() -> None:
        with autocast(bench.device, "bf16"):
            trunk(batch).half()

    given = bench.input_alone(batch_size, min(bench.sizes.images[architecture], 32_768))
    alone = bench.rate(features, batch_size)
    return Row(f"the stage embed_images, {architecture}", alone, given, ours)


@torch.inference_mode()
def validation(bench: Bench, architecture: str, batch_size: int) -> Row:
    """Loss and hit@1 over centre crops, as pretraining validates."""
    model = bench.model(architecture).eval()
    config = bench.settings(architecture, batch_size, 1)
    images = read_parts(bench.index(architecture)).train
    part = LabelledImages(images.store, images.labels)
    batch, labels = bench.batch(batch_size), bench.labels(batch_size)

    def alone() -> None:
        with autocast(bench.device, "bf16"):
            logits = model(batch).float()
        cross_entropy(logits, labels, reduction="sum")

    def centres() -> None:
        for _ in centre_batches(part.store, model.config.view, batch_size, bench.device):
            pass

    return Row(
        f"validation {architecture}, batch {batch_size}",
        bench.rate(alone, batch_size),
        bench.rate(centres, len(part.labels), 1),
        bench.rate(lambda: validate(config, model, part), len(part.labels), 1),
    )


def first_phase(bench: Bench, batch_size: int) -> Row:
    """Phase 1's steps, next to nothing but the step, recorded as a CUDA graph."""
    images, width = bench.sizes.features
    with _folder(bench) as folder:
        task = _projection(bench, images, width, batch_size, folder)
        optimiser = _sgd(task)
        if bench.device.type == "cuda":
            go: phase_1.Epoch = captured_steps.CapturedSteps(task, optimiser, task.views, 1).epoch
        else:
            go = phase_1.steps_of(task, optimiser, task.views)
        steps = -(-images // batch_size)

        def epoch() -> None:
            go(0, torch.randperm(images), [0.1] * steps).tolist()

        ours = bench.rate(epoch, steps, 3)
        alone = _bare_graph(bench, task, width, batch_size)
    return Row(f"phase 1, {width:,} features, batch {batch_size}", alone, None, ours, "steps/s")


def _projection(bench: Bench, images: int, width: int, batch_size: int, folder: Path) -> Task:
    """A task for a projection of features that are made at random."""
    task = _task(bench, bench.networks[0], batch_size, folder, [])
    visual = VisualConfig("", (), 8, 8, feature_dim=width)
    facts = DeviseModelConfig(visual, "devise", DIM, False, True, "bf16")
    model = DeviseModel(nn.Identity(), facts).to(bench.device)
    labels = np.random.default_rng(0).integers(0, bench.sizes.classes, images)
    some = np.random.default_rng(1).random((64, width)).astype(np.float16)
    view = FeatureView((np.resize(some, (images, width)),), np.arange(images))
    return replace(task, model=model, labels=labels, views=[view])


def _sgd(task: Task) -> torch.optim.SGD:
    fused = has_fused_step(torch.optim.SGD, task.device)
    return torch.optim.SGD(task.model.projection.parameters(), 0.1, momentum=0.9, fused=fused)


def _bare_graph(bench: Bench, task: Task, width: int, batch_size: int) -> float:
    """Steps a second of the bare step on one batch: as a CUDA graph where there is a GPU."""
    optimiser = _sgd(task)
    features = torch.rand(batch_size, width, device=bench.device).half()
    labels = bench.labels(batch_size)

    def once() -> None:
        step(task, optimiser, task.model.project(features), labels)

    if bench.device.type == "cuda":
        once = captured_steps.captured(once, optimiser, bench.device).replay
    return bench.rate(once, 1, 20 * bench.sizes.steps)


def threads(bench: Bench) -> Row:
    """Decoding by processes, next to decoding by threads of this one."""
    batch_size, images = 128, min(8192, 64 * bench.sizes.different)
    processes = bench.input_alone(batch_size, images)
    bench.input_alone.cache_clear()
    with (
        patch.object(batches_of_images, "data_processes", lambda _: 0),
        patch.object(batches_of_images, "data_threads", available_cpus),
    ):
        by_threads = bench.input_alone(batch_size, images // 2)
    bench.input_alone.cache_clear()
    what = f"input alone ({bench.mean_size / 1000:.0f} kB a JPEG), `alone` by threads"
    return Row(what, by_threads, None, processes)


def waits(bench: Bench, architecture: str, second: bool) -> str:
    """What a whole pretraining, or a second phase, of one epoch waits for, for two lengths."""
    found = {}
    for count in (8, 32):
        index = bench.folder / f"waits_{count}"
        write_index(index, bench.shard, count * 8, bench.sizes.classes, min(8, count))
        with _folder(bench) as folder, _counted() as calls:
            if second:
                task = _task(bench, architecture, 8, folder, [])
                images = read_parts(index).train
                config = task.config.model_copy(update={"phase_2_epochs": 1})
                task = replace(task, config=config, store=images.store, labels=images.labels)
                phase_2.train_network(task)
            else:
                state = CheckpointStore(str(folder / "state"))
                settings = bench.settings(architecture, 8, 1)
                pretrain_visual(settings, index, folder / "model", state, lambda *_: None)
        found[count] = calls
    names = sorted({name for calls in found.values() for name in calls})
    lines = [f"| {name} | {found[8][name]} | {found[32][name]} |" for name in names]
    what = "phase 2" if second else "pretraining"
    head = f"| waits of an epoch of {what} | of 8 steps | of 32 steps |\n|---|---:|---:|"
    return "\n".join([head, *(lines or ["| none: there is no GPU | | |"])])


def asking(bench: Bench, architecture: str, batch_size: int) -> str:
    """How long this process is busy with asking for a step, which the GPU need not have done."""
    with _folder(bench) as folder:
        task = _task(bench, architecture, batch_size, folder, [])
        steps = {
            "pretraining": _pretraining_step(bench, architecture, batch_size),
            "phase 2": _second_phase_step(bench, task),
        }
        lines = [f"| {what} | {_asked(bench, once):.2f} |" for what, once in steps.items()]
    head = f"| asking for a step, {architecture}, batch {batch_size} | ms |\n|---|---:|"
    return "\n".join([head, *lines])


def _asked(bench: Bench, once: Callable[[], object]) -> float:
    """Milliseconds a step, of two at a time: what many ask for, a GPU lets wait."""
    times = []
    for _ in range(bench.sizes.steps // 2):
        bench.wait()
        started = time.perf_counter()
        once()
        once()
        times.append(500 * (time.perf_counter() - started))
    return median(times)


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    """How often CUDA was waited for while the context lasts, by the function's name."""
    calls: Counter[str] = Counter()
    with torch.profiler.profile() as profile:
        yield calls
    for event in profile.events() or []:
        if event.name.startswith("cuda") and "Synchronize" in event.name:
            calls[event.name] += 1


def ranking(_: Bench) -> list[Row]:
    """The rows of the benchmark of ranking, where it gives any for a GPU."""
    import ranking as of_ranking

    rows: Callable[[], list[Any]] | None = getattr(of_ranking, "gpu_rows", None)
    return [Row(*row) for row in rows()] if rows else []


@contextmanager
def _folder(bench: Bench) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        yield Path(folder)


def shown(what: str, measure: Callable[[], Row | list[Row]]) -> list[list[str]]:
    """The cells of what is measured, or what hindered it; also said at once."""
    started = time.perf_counter()
    try:
        measured = measure()
    except Exception as error:
        traceback.print_exc()
        return [[what, "", "", f"{type(error).__name__}: {error}".replace("\n", " ")[:200], "", ""]]
    rows = measured if isinstance(measured, list) else [measured]
    seconds = f"{time.perf_counter() - started:.1f}"
    cells = [[*row.cells(), seconds] for row in rows]
    for row in cells:
        print("measured:", *row, sep="  ", flush=True)
    return cells


def table(bench: Bench, batch_sizes: tuple[int, int]) -> str:
    """All that is measured, as Markdown."""
    small, large = bench.networks
    first, second = batch_sizes
    measures: dict[str, Callable[[], Row | list[Row]]] = {
        "input": partial(threads, bench),
        "phase 1": partial(first_phase, bench, first),
        f"pretraining {small}": partial(pretraining, bench, small, first),
        f"pretraining {large}": partial(pretraining, bench, large, first),
        f"pretraining {large}, larger": partial(pretraining, bench, large, second),
        f"phase 2 {small}": partial(second_phase, bench, small, first),
        f"phase 2 {large}": partial(second_phase, bench, large, first),
        "features": partial(features_of_views, bench, small, first),
        "embed_images": partial(embedding, bench, small, first),
        "validation": partial(validation, bench, small, first),
        "ranking": partial(ranking, bench),
        "every CPU": partial(on_every_cpu, bench, small, first),
    }
    rows = [cells for what, measure in measures.items() for cells in shown(what, measure)]
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([HEAD, RULE, *lines])


def _memory() -> str | None:
    """A folder in memory, so that checkpoints take no time of a disk, where it has room."""
    folder = Path("/dev/shm")
    is_large = folder.is_dir() and shutil.disk_usage(folder).free > ROOM
    return str(folder) if is_large else None


def machine(device: torch.device) -> str:
    """Card, cores and versions."""
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else "no GPU"
    python = sys.version.split()[0]
    return f"{card}, {available_cpus()} cores, torch {torch.__version__}, Python {python}"


def main(quick: bool) -> None:
    """Measure everything and print the tables."""
    started = time.perf_counter()
    if quick:
        # As for a GPU, so that it is seen to work.
        patch.object(batches_of_images, "data_processes", lambda _: 2).start()
    with tempfile.TemporaryDirectory(prefix="devise-benchmark-", dir=_memory()) as folder:
        bench = Bench(SMALL if quick else LARGE, Path(folder))
        told = machine(bench.device)
        print(told, flush=True)
        sizes = (8, 16) if quick else (128, 256)
        rows, network = table(bench, sizes), bench.networks[0]
        further = {
            "waits": partial(waits, bench, network, second=False),
            "waits of phase 2": partial(waits, bench, network, second=True),
            "asking": partial(asking, bench, network, sizes[0]),
        }
        others = "\n\n".join(_told(what, measure) for what, measure in further.items())
    print(f"\n{told}; {time.perf_counter() - started:.0f} s in all\n\n{rows}\n\n{others}")


def _told(what: str, measure: Callable[[], str]) -> str:
    try:
        return measure()
    except Exception as error:
        traceback.print_exc()
        return f"{what}: {type(error).__name__}: {error}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="Measure what a GPU does and what ours makes of it."
    )
    parser.add_argument("--quick", action="store_true", help="tiny, on any CPU: no speed is shown")
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    main(parser.parse_args().quick)
