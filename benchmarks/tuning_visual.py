"""Settings of the visual network, tried on the training images of fold 0's seen classes.

Every candidate is trained on nine tenths of the training images of the seen classes and judged by
hit@1 on the tenth that is kept aside. A candidate that has been trained is not trained again, and
one that was stopped goes on. What is printed: hit@1 of the last epoch and its standard error,
and the multiply-adds of the forward pass, of an image at full size in millions and of the whole
training in millions of millions; at half size an image takes a quarter of them.
"""

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path

import torch
from inner_splits import write_inner_index
from torch import nn

from components.pretrain_visual.training import pretrain_visual
from components.shared.device import pick_device
from components.shared.execution.progress import say
from components.shared.images.index import read_index
from components.shared.markdown import table as in_markdown
from components.shared.networks.epochs import HIT
from components.shared.networks.visual_model import HISTORY_FILE, WEIGHTS_FILE, VisualModel, load
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import CheckpointStore

Settings = Mapping[str, float | int | str]
BASE: Settings = {
    "architecture": "small_resnet18",
    "input_size": 64,
    "resize": 64,
    "crop_scale": 0.35,
    "half_size_epochs": 0,
    "averaging": 0.0,
    "label_smoothing": 0.0,
    "patience": 0,
    "batch_size": 128,
    "learning_rate": 0.2,
    "momentum": 0.9,
    "weight_decay": 0.0005,
    "warmup_epochs": 1.0,
    "pretrained": "",
    "precision": "auto",
    "training_seed": 0,
}
"""What candidates share; written out, so that a table can be made again whatever presets become."""
CANDIDATES: dict[str, Settings] = {
    "base": {"epochs": 20},
    "crops_0.5": {"epochs": 20, "crop_scale": 0.5},
    "smoothing": {"epochs": 20, "label_smoothing": 0.1},
    "averaging": {"epochs": 20, "averaging": 0.998},
    "half_size": {"epochs": 38, "half_size_epochs": 26},
    "half_size_smoothing": {"epochs": 38, "half_size_epochs": 26, "label_smoothing": 0.1},
    "half_size_averaging": {
        "epochs": 38, "half_size_epochs": 26, "label_smoothing": 0.1, "averaging": 0.998,
    },
    "w48": {
        "architecture": "small_resnet18_w48",
        "epochs": 22, "half_size_epochs": 16, "label_smoothing": 0.1,
    },
    "w64": {
        "architecture": "small_resnet18_w64",
        "epochs": 14, "half_size_epochs": 12, "label_smoothing": 0.1,
    },
    "s1": {
        "architecture": "small_resnet18_s1",
        "epochs": 16, "half_size_epochs": 14, "label_smoothing": 0.1,
    },
}  # fmt: skip
"""What each sets beside `BASE`; all take about as many multiply-adds as `base`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command is given."""
    parser.add_argument("--image-index", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("candidates", nargs="*", help=f"of {', '.join(CANDIDATES)}")


def tuned(options: argparse.Namespace) -> str:
    """Train the candidates that are asked for, and return the table of all that are there."""
    unknown = [name for name in options.candidates if name not in CANDIDATES]
    if unknown:
        raise SystemExit(f"{unknown[0]!r} is no candidate: choose of {', '.join(CANDIDATES)}.")
    output, index = options.output, options.output / "index"
    if not index.is_dir():
        write_inner_index(options.image_index, (), index)
    for name in options.candidates:
        train(name, index, output / name)
    return table(output)


def settings_of(name: str) -> VisualSettings:
    """A candidate's settings of the visual network."""
    return VisualSettings.model_validate({**BASE, **CANDIDATES[name]})


def train(name: str, index: Path, output: Path) -> None:
    """Train a candidate, or leave it as it is where it has been trained."""
    if (output / WEIGHTS_FILE).is_file():
        return
    say(f"{name}: {CANDIDATES[name]}")
    checkpoints = CheckpointStore(str(output / "checkpoints"))
    pretrain_visual(settings_of(name), index, output, checkpoints, lambda *_: None)
    checkpoints.clear()


def table(output: Path) -> str:
    """The candidates that have been trained, as a table in Markdown."""
    trained = [name for name in CANDIDATES if (output / name / WEIGHTS_FILE).is_file()]
    heads = ["candidate", "settings", "hit@1, %", "MMAC an image", "TMAC of the training"]
    return in_markdown(heads, [_row(name, output / name) for name in trained], names=2)


def _row(name: str, output: Path) -> list[str]:
    hit = json.loads((output / HISTORY_FILE).read_text())[-1][HIT]
    index = read_index(output.parent / "index")
    judged, trained_on = (int((index["split"] == part).sum()) for part in ("validation", "train"))
    error = math.sqrt(hit * (1 - hit) / judged)
    image = multiply_adds(load(output, pick_device()))
    training = image * trained_on * epochs_at_full_size(settings_of(name))
    return [
        name,
        ", ".join(f"{key}={value}" for key, value in CANDIDATES[name].items()),
        f"{100 * hit:.1f} ±{100 * error:.1f}",
        f"{image / 1e6:.0f}",
        f"{training / 1e12:.0f}",
    ]


def epochs_at_full_size(settings: VisualSettings) -> float:
    """Epochs at full size that would take as many multiply-adds."""
    return settings.epochs - 0.75 * settings.half_size_epochs


@torch.inference_mode()
def multiply_adds(model: VisualModel) -> int:
    """Multiplications with an addition that an image takes at full size, in convolutions."""
    counted: list[int] = []

    def count(layer: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        assert isinstance(layer, nn.Conv2d)
        inputs = layer.in_channels // layer.groups
        counted.append(output.numel() * inputs * layer.kernel_size[0] * layer.kernel_size[1])

    hooks = [m.register_forward_hook(count) for m in model.modules() if isinstance(m, nn.Conv2d)]
    size = model.config.input_size
    model(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return sum(counted)
